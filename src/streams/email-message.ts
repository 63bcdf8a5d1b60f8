import type { EmailDestination, EmailTemplate } from '../model/stream-destination.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import { eventScope, type StreamPlace } from '../rules/templates/scope.ts';
import { parseTemplate, type Template } from '../rules/templates/template.ts';

/** A message that can be sent. */
export interface Mail {
  /** The same when it is sent again. */
  readonly messageId: string;
  readonly from: { readonly name: string; readonly address: string };
  readonly to: { readonly name: string; readonly address: string };
  readonly replyTo: string | null;
  readonly language: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string | null;
  readonly unsubscribeUrl: string;
}

interface Templates {
  readonly subject: Template;
  readonly text: Template;
  readonly html: Template | null;
}

const compiled = ({ subject, text, html }: EmailTemplate): Templates => ({
  subject: parseTemplate(subject, 'text'),
  text: parseTemplate(text, 'text'),
  html: html === null ? null : parseTemplate(html, 'html'),
});

/** One line: a line break in a subject would begin another header. */
const oneLine = (text: string): string => text.replace(/[\p{Cc}\s]+/gu, ' ').trim();

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(name) : undefined;

/** The language that is written in: that of the member, without its region, or the stream's. */
const localeFor = (locales: object, language: unknown, fallback: string): string => {
  const wanted = typeof language === 'string' ? [language, language.split('-')[0] ?? ''] : [];
  return wanted.find((locale) => Object.hasOwn(locales, locale)) ?? fallback;
};

/**
 * The messages of an e-mail stream. Null where nothing is written: there is no template for the event, no member, no
 * address, or no consent when it would be sent. An event must come with what `fieldsToldTo` says. Throws a
 * TemplateFault.
 */
export const emailMessages = (
  { from, reply_to, consent, unsubscribe_url, default_locale, templates }: EmailDestination,
  place: StreamPlace,
): ((event: StreamedEvent) => Mail | null) => {
  const unsubscribe = parseTemplate(unsubscribe_url, 'url');
  const known = new Map<string, Templates>();
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);

  const templatesOf = (type: string, locale: string): Templates | null => {
    const key = `${type} ${locale}`;
    const found = known.get(key);
    if (found !== undefined) return found;
    const template = templates[type]?.[locale];
    if (template === undefined) return null;
    const made = compiled(template);
    known.set(key, made);
    return made;
  };

  return (event) => {
    const locales = Object.hasOwn(templates, event.type) ? templates[event.type] : undefined;
    const { email, language, consents } = event.fields ?? {};
    if (locales === undefined || event.member === null || typeof email !== 'string') return null;
    if (property(consents, consent) !== true) return null;
    const locale = localeFor(locales, language, default_locale);
    const template = templatesOf(event.type, locale);
    if (template === null) return null;
    const scope = eventScope(place, event);
    const unsubscribeUrl = unsubscribe.render(scope);
    const whole = { ...scope, unsubscribe_url: unsubscribeUrl };
    return {
      messageId: `<${event.id}.${place.stream.code}.${place.program.code}@${domain}>`,
      from,
      to: { name: '', address: email },
      replyTo: reply_to,
      language: locale,
      subject: oneLine(template.subject.render(whole)),
      text: template.text.render(whole),
      html: template.html?.render(whole) ?? null,
      unsubscribeUrl,
    };
  };
};
