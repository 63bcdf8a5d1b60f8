import type { Configuration } from '../../model/configuration.ts';
import type { EventType } from '../../model/event-catalogue.ts';
import type { Fault } from '../../model/problem.ts';
import { ref } from '../../model/schema.ts';
import type { Stream } from '../../model/stream.ts';
import { PreviewStream, StreamPreview } from '../../model/stream-preview.ts';
import { checkStreams } from '../../rules/check-streams.ts';
import { eventTypesOf } from '../../rules/event-patterns.ts';
import { incomingBody } from '../../rules/incoming-body.ts';
import { findResource } from '../../rules/resources.ts';
import { oneOf } from '../../rules/suggest.ts';
import { loadCurrent } from '../../store/programs.ts';
import { previewOf } from '../../streams/preview.ts';
import { programOf } from '../auth.ts';
import { ProblemError } from '../problem-error.ts';
import { bodyProblems, keyProblems, pathProblems, problemResponses } from '../responses.ts';
import type { App, Services } from '../services.ts';
import { streamParams } from './stream-of.ts';

const invalid = (errors: readonly Fault[]): ProblemError =>
  new ProblemError('invalid_configuration', 'the stream cannot be tried', {
    errors: errors.map((fault) => ({ ...fault })),
  });

/** What is wrong with a stream that is not saved, but for its condition and its address, which are not tried. */
const faultsOf = (code: string, body: Stream, configuration: Configuration): Fault[] => {
  const incoming = incomingBody('streams', body, undefined);
  if (incoming.faults.length > 0) return [...incoming.faults];
  const alone = { [code]: { revision: 0, archived: false, body: incoming.value } };
  const own = `/streams/${code}`.length;
  return checkStreams({ ...configuration, streams: alone }).map((fault) => ({
    ...fault,
    pointer: fault.pointer.slice(own),
  }));
};

const typeOf = (stream: Stream, wanted: string | undefined): EventType => {
  const types = eventTypesOf(stream);
  const found = wanted === undefined ? types[0] : types.find((type) => type === wanted);
  if (found !== undefined) return found;
  const expected = `an event of the stream: ${oneOf(wanted ?? '', types)}`;
  throw invalid([{ pointer: '/type', code: 'unknown_event_type', detail: wanted ?? 'none', expected }]);
};

export const streamPreviewRoutes = (app: App, services: Services): void => {
  app.post(
    '/v1/streams/:code/preview',
    {
      config: { scope: 'read' },
      schema: {
        operationId: 'previewStream',
        tags: ['configuration'],
        security: [{ apiKey: [] }],
        summary: 'See what a stream would send',
        description:
          'Fills in its templates with an example of an event, with made-up values of the fields it asks for; nothing is sent. With `stream` it need not exist yet. Headers are not shown.',
        params: streamParams,
        body: ref(PreviewStream),
        response: {
          200: { description: 'What would be sent.', ...ref(StreamPreview) },
          ...problemResponses(...pathProblems, ...bodyProblems, ...keyProblems, 'not_found', 'invalid_configuration'),
        },
      },
    },
    async (request) => {
      const program = programOf(request);
      const { code } = request.params;
      const { type, stream: draft } = request.body;
      const { row, configuration } = await services.database.read(program, (db) => loadCurrent(db, program));
      const found = findResource(configuration, 'streams', code);
      const stream = draft ?? (found?.archived === false ? found.body : undefined);
      if (stream === undefined) throw new ProblemError('not_found', `there is no stream ${code}`);
      const faults = draft === undefined ? [] : faultsOf(code, draft, configuration);
      if (faults.length > 0) throw invalid(faults.map((fault) => ({ ...fault, pointer: `/stream${fault.pointer}` })));
      const { code: ofProgram, name, currency, time_zone, locale } = row;
      const place = {
        program: { code: ofProgram, name, currency, time_zone, locale },
        stream: { code, name: stream.name },
      };
      return previewOf(stream, place, typeOf(stream, type));
    },
  );
};
