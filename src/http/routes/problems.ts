import { Type } from 'typebox';
import { type ProblemCode, problems } from '../../model/problem-codes.ts';
import { closed } from '../../model/schema.ts';
import { ProblemError } from '../problem-error.ts';
import { pathProblems, problemResponses } from '../responses.ts';
import type { App } from '../services.ts';

const isProblemCode = (code: string): code is ProblemCode => Object.hasOwn(problems, code);

/** Where the `type` of a problem leads. */
export const problemRoutes = (app: App): void => {
  app.get(
    '/problems/:code',
    {
      config: { scope: 'none' },
      schema: {
        operationId: 'getProblem',
        tags: ['operations'],
        security: [],
        summary: 'What a problem means',
        description: 'Explains a code: its status, its title, and what the caller can do about it.',
        params: closed({
          code: Type.String({
            pattern: '^[a-z_]{1,64}$',
            description: 'Code of the problem.',
            examples: ['insufficient_points'],
          }),
        }),
        response: {
          200: {
            description: 'The explanation.',
            ...Type.Object({ code: Type.String(), status: Type.Integer(), title: Type.String(), help: Type.String() }),
          },
          ...problemResponses(...pathProblems, 'not_found'),
        },
      },
    },
    async (request) => {
      const { code } = request.params;
      if (!isProblemCode(code)) throw new ProblemError('not_found', `there is no problem ${code}`);
      return { code, ...problems[code] };
    },
  );
};
