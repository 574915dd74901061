// Stands in for the API of a language model: answers with server-sent events, a word at a time, for as long as the client
// listens.
import { AsyncStream, DestinationClosedError } from 'asyncstream';

import { fail } from './fail.ts';
import { serve, type Service } from './serve.ts';

const WORDS = 'A stream is a sequence. Its elements come one by one. Nobody holds them all. It may never end.'.split(
  ' ',
);

const events = AsyncStream.interval(2).map((tick) => {
  const delta = { content: `${WORDS[tick % WORDS.length]!} ` };
  return `data: ${JSON.stringify({ id: 'a1', object: 'chat.completion.chunk', choices: [{ index: 0, delta }] })}\n\n`;
});

/** Logs when a client closes an answer. */
export function startModel(log: (event: string) => void): Promise<Service> {
  return serve((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' });
    events.pipeTo(response).catch((error: unknown) => {
      if (error instanceof DestinationClosedError) log('server: the client has closed the answer');
      else fail(error);
    });
  });
}
