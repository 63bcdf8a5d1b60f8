import { type TProperties, Type } from 'typebox';

/** How a piece of configuration is shown: its code, where it stands, and its body. */
export const resourceView = <P extends TProperties>(body: P, description: string, code: string, example: object) =>
  Type.Object(
    {
      code: Type.String({ description: 'Its code, chosen by the caller.', examples: [code] }),
      revision: Type.Integer({
        description: 'The revision of the program’s configuration that last changed it. Quoted, it is the ETag.',
      }),
      archived: Type.Boolean({ description: 'Whether it was archived: nothing uses it any more.' }),
      ...body,
    },
    { description, examples: [{ code, revision: 2, archived: false, ...example }] },
  );
