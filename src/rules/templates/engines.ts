import { type Emitter, Liquid } from 'liquidjs';

/*
 * The template language: LiquidJS without what reaches out of a template (files, layouts, partials), keeps state, or
 * cannot be bounded. What a template may take is counted, not timed, so that it is the same on every machine.
 */

/** What a template is for: it decides how the values that it writes are escaped. */
export const TEMPLATE_KINDS = ['json', 'form', 'html', 'url', 'text'] as const;
export type TemplateKind = (typeof TEMPLATE_KINDS)[number];

export class TemplateLimit extends Error {
  override readonly name = 'TemplateLimit';
}

/** Where a template writes to: it ends when that grows beyond measure, or when it has taken too many steps. */
export class BoundedOutput implements Emitter {
  buffer = '';
  #characters: number;
  #steps: number;

  constructor({ characters, steps }: { readonly characters: number; readonly steps: number }) {
    this.#characters = characters;
    this.#steps = steps;
  }

  write(value: unknown): void {
    const text = typeof value === 'string' ? value : value === null || value === undefined ? '' : String(value);
    this.#characters -= text.length;
    if (this.#characters < 0) throw new TemplateLimit('the text becomes too long');
    this.buffer += text;
  }

  step(count: number): void {
    this.#steps -= count;
    if (this.#steps < 0) throw new TemplateLimit('too many steps');
  }
}

const TAGS: ReadonlySet<string> = new Set([
  ...['assign', 'for', 'break', 'continue', 'if', 'unless', 'case', 'comment', 'raw', '#'],
]);

const FILTERS: ReadonlySet<string> = new Set([
  ...['abs', 'at_least', 'at_most', 'ceil', 'divided_by', 'floor', 'minus', 'plus', 'modulo', 'times', 'round'],
  ...['append', 'prepend', 'capitalize', 'downcase', 'upcase', 'lstrip', 'rstrip', 'strip', 'truncate', 'slice'],
  ...['remove', 'remove_first', 'remove_last', 'replace', 'replace_first', 'replace_last', 'split', 'size'],
  ...['first', 'last', 'join', 'map', 'where', 'reject', 'find', 'has', 'sort', 'sort_natural', 'reverse', 'uniq'],
  ...['compact', 'concat', 'sum', 'default', 'json', 'date', 'to_integer'],
  ...['escape', 'url_encode', 'base64_encode', 'sha256'],
]);

const asJson = (value: unknown): string => JSON.stringify(value) ?? 'null';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const asText = (value: unknown): string => {
  if (value === null || value === undefined) return '';
  return typeof value === 'object' ? asJson(value) : String(value);
};

/** How a value is written into each kind of text, so that it cannot become anything but a value. */
const escapes: Readonly<Record<TemplateKind, (value: unknown) => string>> = {
  json: asJson,
  form: (value) => encodeURIComponent(asText(value).toWellFormed()),
  url: (value) => encodeURIComponent(asText(value).toWellFormed()),
  html: (value) => asText(value).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? ''),
  text: asText,
};

/** Every part of a template, at each turn of a loop, comes by here. */
const countSteps = ({ renderer }: Liquid): void => {
  const render = renderer.renderTemplates.bind(renderer);
  renderer.renderTemplates = (templates, context, output) => {
    if (output instanceof BoundedOutput) output.step(templates.length + 1);
    return render(templates, context, output);
  };
};

/** Puts something around a filter of the engine. */
const wrap = (
  engine: Liquid,
  name: string,
  around: (apply: (...values: unknown[]) => unknown, values: unknown[]) => unknown,
  raw = false,
): void => {
  const filter = engine.filters[name];
  const handler = typeof filter === 'function' ? filter : filter?.handler;
  if (handler === undefined) throw new Error(`the template engine has no filter ${name}`);
  const wrapped = function (this: ThisParameterType<typeof handler>, ...values: unknown[]): unknown {
    return around((value, ...more) => handler.call(this, value, ...more), values);
  };
  engine.registerFilter(name, { handler: wrapped, raw });
};

const engineFor = (kind: TemplateKind): Liquid => {
  const engine = new Liquid({
    templates: {},
    relativeReference: false,
    ownPropertyOnly: true,
    strictFilters: true,
    timezoneOffset: 0,
    locale: 'en-US',
    outputEscape: escapes[kind],
  });
  for (const name of Object.keys(engine.tags)) if (!TAGS.has(name)) delete engine.tags[name];
  for (const name of Object.keys(engine.filters)) if (!FILTERS.has(name)) engine.unregisterFilter(name);
  // What says so itself is not written as JSON twice.
  if (kind === 'json') wrap(engine, 'json', (apply, values) => apply(...values) ?? 'null', true);
  // A day is one that was said: a template knows no now.
  wrap(engine, 'date', (apply, [value, ...more]) =>
    value === 'now' || value === 'today' ? value : apply(value, ...more),
  );
  countSteps(engine);
  return engine;
};

export const engines: Readonly<Record<TemplateKind, Liquid>> = {
  json: engineFor('json'),
  form: engineFor('form'),
  html: engineFor('html'),
  url: engineFor('url'),
  text: engineFor('text'),
};
