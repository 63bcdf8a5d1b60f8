import type { SMTPServerOptions } from 'smtp-server';
import { type Test, test } from 'tap';
import type { EmailDestination } from '../../src/model/stream-destination.ts';
import type { StreamedEvent } from '../../src/model/streamed-event.ts';
import { fieldsToldTo } from '../../src/rules/stream-fields.ts';
import { exampleEvent, examplePlace } from '../../src/rules/templates/examples.ts';
import { emailTransport } from '../../src/streams/email.ts';
import { emailMessages } from '../../src/streams/email-message.ts';
import { createMailer } from '../../src/streams/mailer.ts';
import { startSmtpServer } from '../helpers/smtp-server.ts';

const destination: EmailDestination = {
  type: 'email',
  from: { name: 'The Shop', address: 'club@shop.example' },
  reply_to: 'service@shop.example',
  consent: 'newsletter',
  unsubscribe_url: 'https://shop.example/unsubscribe?member={{ member.id }}&to={{ member.email }}',
  default_locale: 'en',
  templates: {
    'tier.upgraded': {
      en: { subject: 'Welcome to {{ event.data.to }}', text: 'Hello {{ member.given_name }}', html: null },
      fr: {
        subject: 'Bienvenue en {{ event.data.to }} !',
        text: 'Bonjour {{ member.given_name }}\n{{ unsubscribe_url }}\n',
        html: '<p>Bonjour {{ member.given_name }}</p><a href="{{ unsubscribe_url }}">Se désabonner</a>',
      },
    },
  },
};

const asked = fieldsToldTo({
  ...{ name: 'Status', events: ['tier.*'], segment: null, only_in_segment: null, condition: null, backfill: false },
  destination,
  fields: ['given_name'],
});
const upgraded = (fields: object = {}): StreamedEvent => {
  const event = exampleEvent('tier.upgraded', asked);
  return { ...event, fields: { ...event.fields, consents: { newsletter: true }, ...fields } };
};

const transportTo = (t: Test, url: string) => {
  const mailer = createMailer(url);
  t.teardown(() => mailer.close());
  const transport = emailTransport(destination, { mailer, place: examplePlace });
  return (event: StreamedEvent) => transport.send({ id: event.id, events: [event] });
};

test('what is asked for of a member covers the address, the language and the consent', async (t) => {
  t.strictSame(asked, ['given_name', 'email', 'language', 'consents.newsletter']);
});

test('a member is written to in their language, with both parts, and can unsubscribe by one click', async (t) => {
  const { received, url } = await startSmtpServer(t);
  const send = transportTo(t, url);
  const outcome = await send(upgraded({ given_name: 'Ada <b>' }));
  t.match(outcome, { error: null, status: 250, final: false });
  const [mail] = received;
  t.match(mail, { from: 'club@shop.example', to: ['ada@example.com'] });
  const headers = mail!.headers;
  t.equal(headers.get('from'), 'The Shop <club@shop.example>');
  t.equal(headers.get('to'), 'ada@example.com');
  t.equal(headers.get('reply-to'), 'service@shop.example');
  t.equal(headers.get('subject'), 'Bienvenue en silver !');
  t.equal(headers.get('content-language'), 'fr');
  t.equal(
    headers.get('list-unsubscribe')?.replaceAll(' ', ''),
    '<https://shop.example/unsubscribe?member=m-1001&to=ada%40example.com>',
  );
  t.equal(headers.get('list-unsubscribe-post'), 'List-Unsubscribe=One-Click');
  t.equal(headers.get('message-id'), '<evt_2s_5.crm.shop@shop.example>');
  t.match(headers.get('content-type'), /^multipart\/alternative/);
  t.match(mail!.body, /text\/plain.*Bonjour Ada <b>.*text\/html.*Bonjour Ada &lt;b&gt;/s);
  await send(upgraded());
  t.equal(received[1]?.headers.get('message-id'), headers.get('message-id'), 'sent again, it is the same message');
});

test('languages without a template get that without the region, or the default', async (t) => {
  const { received, url } = await startSmtpServer(t);
  const send = transportTo(t, url);
  for (const language of ['fr-CA', 'de', null]) await send(upgraded({ language }));
  t.strictSame(
    received.map(({ headers }) => headers.get('content-language')),
    ['fr', 'en', 'en'],
  );
  t.match(received[1]?.headers.get('content-type'), /^text\/plain/);
});

test('nobody is written to without consent, address or template', async (t) => {
  const { received, url } = await startSmtpServer(t);
  const send = transportTo(t, url);
  for (const event of [
    upgraded({ consents: { newsletter: false } }),
    upgraded({ consents: { newsletter: null } }),
    upgraded({ consents: {} }),
    upgraded({ email: null }),
    { ...upgraded(), member: null },
    { ...upgraded(), type: 'tier.downgraded' as const },
  ])
    t.match(await send(event), { error: null, status: null });
  t.equal(received.length, 0);
});

test('what a member is called begins no header and reaches nobody else', async (t) => {
  const { received, url } = await startSmtpServer(t);
  const send = transportTo(t, url);
  const event = upgraded({ given_name: 'x\r\nBcc: eve@example.com\r\n\r\nhello' });
  const renamed = { ...event, data: { ...event.data, to: 'gold\r\nBcc: eve@example.com' } };
  t.equal(emailMessages(destination, examplePlace)(renamed)?.subject, 'Bienvenue en gold Bcc: eve@example.com !');
  await send(renamed);
  t.strictSame(received[0]?.to, ['ada@example.com']);
  t.equal(received[0]?.headers.get('subject'), 'Bienvenue en gold Bcc: eve@example.com !');
  t.notOk(received[0]?.headers.has('bcc'));
  await send(upgraded({ email: 'ada@example.com, eve@example.com' }));
  t.notOk(received.some(({ to }) => to.includes('eve@example.com')));
});

test('a refusal of the recipient is final, one for the moment is not, a server that fails says so of all', async (t) => {
  const refusing = (responseCode: number): SMTPServerOptions => ({
    onRcptTo: (_address, _session, done) => done(Object.assign(new Error('no'), { responseCode })),
  });
  const unknown = await startSmtpServer(t, refusing(550));
  t.match(await transportTo(t, unknown.url)(upgraded()), {
    error: 'recipient_refused',
    status: 550,
    final: true,
    wide: false,
  });
  const greylisting = await startSmtpServer(t, refusing(451));
  t.match(await transportTo(t, greylisting.url)(upgraded()), {
    error: 'deferred',
    status: 451,
    final: false,
    wide: false,
  });
  const full = await startSmtpServer(t, {
    onData(stream, _session, done) {
      stream.resume();
      stream.on('end', () => done(Object.assign(new Error('too large'), { responseCode: 552 })));
    },
  });
  t.match(await transportTo(t, full.url)(upgraded()), { error: 'message_refused', status: 552, final: true });
  const gone = await startSmtpServer(t);
  await gone.close();
  t.match(await transportTo(t, gone.url)(upgraded()), { error: 'smtp_failed', status: null, final: false, wide: true });
});
