import type { WebhookDestination } from '../model/stream-destination.ts';
import type { StreamedEvent } from '../model/streamed-event.ts';
import { batchScope, eventScope, type StreamPlace } from '../rules/templates/scope.ts';
import { parseTemplate, renderJson } from '../rules/templates/template.ts';

export interface Body {
  readonly body: string;
  readonly contentType: string;
}

/**
 * The bodies of a webhook's messages in the shape that its template gives; null: it has none. The template is read
 * once. What is made of it throws a TemplateFault where an event does not fit, which no example showed.
 */
export const templateBodies = (
  { body, content_type, batch }: WebhookDestination,
  place: StreamPlace,
): ((events: readonly [StreamedEvent, ...StreamedEvent[]]) => Body) | null => {
  if (body === null) return null;
  const json = content_type === 'application/json';
  const template = parseTemplate(body, json ? 'json' : 'form');
  const contentType = json ? 'application/json; charset=utf-8' : content_type;
  return (events) => {
    const scope = batch.max_events === 1 ? eventScope(place, events[0]) : batchScope(place, events);
    // Line breaks of the template stand between pairs, not within one.
    const text = json ? renderJson(template, scope) : template.render(scope).replace(/\s+/g, '');
    return { body: text, contentType };
  };
};
