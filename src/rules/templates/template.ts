import { Context, LiquidError, toValueSync } from 'liquidjs';
import { BoundedOutput, engines, type TemplateKind, TemplateLimit } from './engines.ts';

/** What a template may take: steps, characters it writes, and characters it handles on the way. */
export interface TemplateLimits {
  readonly steps: number;
  readonly characters: number;
  readonly memory: number;
}

/** Enough for a batch of a thousand events. */
const SENDING: TemplateLimits = { steps: 200_000, characters: 4_000_000, memory: 20_000_000 };

/** Why a template could not be read or filled in; `message` says it for whoever wrote the template. */
export class TemplateFault extends Error {
  override readonly name = 'TemplateFault';
}

export interface Template {
  readonly kind: TemplateKind;
  /** What it reads from outside, as paths: `['event', 'data', 'points']`. What is computed stands as null. */
  readonly reads: readonly (readonly (string | null)[])[];
  /** Fills it in. Throws a TemplateFault. */
  render(scope: Readonly<Record<string, unknown>>, limits?: TemplateLimits): string;
}

/** Without the place as the engine writes it, and without what it repeats of the template. */
const faultOf = (error: unknown): TemplateFault => {
  if (error instanceof TemplateFault) return error;
  if (error instanceof TemplateLimit) return new TemplateFault(error.message);
  const said = LiquidError.is(error) ? (error.originalError?.message ?? error.message) : '';
  const message = said.replace(/, (file|line):.*/s, '').slice(0, 200);
  const { line } = LiquidError.is(error) && 'token' in error ? placeOf(error) : { line: undefined };
  return new TemplateFault(
    `${message === '' ? 'it cannot be read' : message}${line === undefined ? '' : ` in line ${line}`}`,
  );
};

const placeOf = ({ message }: Error): { line: string | undefined } => ({ line: /line:(\d+)/.exec(message)?.[1] });

const pathOf = (segments: readonly unknown[]): (string | null)[] =>
  segments.map((segment) => (typeof segment === 'string' ? segment : null));

/** Reads a template. Throws a TemplateFault: unknown filters and tags are faults. */
export const parseTemplate = (text: string, kind: TemplateKind): Template => {
  const engine = engines[kind];
  try {
    const parts = engine.parse(text);
    const reads = engine.globalVariableSegmentsSync(parts).map(pathOf);
    const render: Template['render'] = (scope, { steps, characters, memory } = SENDING) => {
      const output = new BoundedOutput({ steps, characters });
      const context = new Context(scope, engine.options, { sync: true, memoryLimit: memory });
      try {
        toValueSync(engine.renderer.renderTemplates(parts, context, output));
      } catch (error) {
        throw faultOf(error);
      }
      return output.buffer;
    };
    return { kind, reads, render };
  } catch (error) {
    throw faultOf(error);
  }
};

/** What a template of JSON comes to, as one line of JSON. Throws a TemplateFault. */
export const renderJson = (
  template: Template,
  scope: Readonly<Record<string, unknown>>,
  limits?: TemplateLimits,
): string => {
  const text = template.render(scope, limits);
  try {
    return JSON.stringify(JSON.parse(text));
  } catch {
    throw new TemplateFault('what it comes to is not JSON');
  }
};
