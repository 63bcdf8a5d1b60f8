import type { EventType } from '../model/event-catalogue.ts';
import type { Stream } from '../model/stream.ts';
import type { StreamPreview } from '../model/stream-preview.ts';
import { fieldsToldTo } from '../rules/stream-fields.ts';
import { exampleEvent } from '../rules/templates/examples.ts';
import type { StreamPlace } from '../rules/templates/scope.ts';
import { emailMessages } from './email-message.ts';
import { filesOf } from './file.ts';
import type { Message } from './transport.ts';
import { webhookBodies } from './webhook-body.ts';

const nothing = { method: null, url: null, subject: null, html: null, unsubscribe_url: null };

/** What a stream would send of an example of the event. It was checked: its templates can be filled in with it. */
export const previewOf = (stream: Stream, place: StreamPlace, type: EventType): StreamPreview => {
  const { destination } = stream;
  const event = exampleEvent(type, fieldsToldTo(stream));
  const message: Message = { id: event.id, events: [event] };
  switch (destination.type) {
    case 'webhook': {
      const { body, contentType } = webhookBodies(destination, place)(message);
      return { ...nothing, type, method: 'POST', url: destination.url, content_type: contentType, body };
    }
    case 'email': {
      const mail = emailMessages(destination, place)(event);
      const { subject = null, text: body = null, html = null, unsubscribeUrl: unsubscribe_url = null } = mail ?? {};
      return { ...nothing, type, content_type: 'text/plain; charset=utf-8', body, subject, html, unsubscribe_url };
    }
    case 'file': {
      const { url, lines, contentType } = filesOf(destination, place)(message);
      return { ...nothing, type, method: 'PUT', url, content_type: contentType, body: [...lines].join('') };
    }
    default:
      return destination satisfies never;
  }
};
