// The answer of a language model, sentence by sentence while it is written: with the openai client, and with fetch and
// eventsource-parser. After three sentences, the answer is closed, and the model stops.
import { EventSourceParserStream } from 'eventsource-parser/stream';
import OpenAI from 'openai';

import { AsyncStream, type Context } from 'asyncstream';

import { fail } from '../support/fail.ts';
import { startModel } from '../support/language-model.ts';

type Chunk = OpenAI.ChatCompletionChunk;

await using model = await startModel(console.log);
const question = {
  model: 'local',
  messages: [{ role: 'user', content: 'What is a stream?' }],
  stream: true,
} satisfies OpenAI.ChatCompletionCreateParams;

const client = new OpenAI({ baseURL: model.url, apiKey: 'none', maxRetries: 0, logLevel: 'off' });
async function askByClient({ signal }: Context): Promise<AsyncIterable<Chunk>> {
  return client.chat.completions.create(question, { signal });
}

async function askByFetch({ signal }: Context): Promise<ReadableStream<BufferSource>> {
  const body = JSON.stringify(question);
  const response = await fetch(`${model.url}/chat/completions`, { method: 'POST', body, signal });
  if (!response.ok) throw new Error(`${response.status} ${response.statusText}`);
  return response.body!;
}
const byFetch = AsyncStream.from(askByFetch)
  .pipeThrough(() => new TextDecoderStream())
  .pipeThrough(() => new EventSourceParserStream())
  .takeWhile(({ data }) => data !== '[DONE]')
  .map(({ data }) => JSON.parse(data) as Chunk);

/** Words arrive in any pieces; a sentence is emitted once it is complete. */
async function* toSentences(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let text = '';
  for await (const piece of pieces) {
    const sentences = (text + piece).split(/(?<=[.!?]) +/);
    text = sentences.pop()!;
    yield* sentences;
  }
  if (text !== '') yield text;
}

try {
  for (const [way, chunks] of Object.entries({ openai: AsyncStream.from(askByClient), fetch: byFetch })) {
    await chunks
      .map((chunk) => chunk.choices[0]?.delta.content ?? '')
      .pipe(toSentences)
      .take(3)
      .forEach((sentence) => console.log(`${way}: ${sentence}`));
  }
} catch (error) {
  fail(error);
}

// Prints:
// openai: A stream is a sequence.
// openai: Its elements come one by one.
// openai: Nobody holds them all.
// server: the client has closed the answer
// fetch: A stream is a sequence.
// fetch: Its elements come one by one.
// fetch: Nobody holds them all.
// server: the client has closed the answer
