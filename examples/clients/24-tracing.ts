// OpenTelemetry: a span for each run, with the number of its elements and the place of its error, and a span for each slow
// element.
import { setTimeout as latency } from 'node:timers/promises';
import { context, SpanStatusCode, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';

import { AsyncStream, type Context } from 'asyncstream';

const exporter = new InMemorySpanExporter(); // In production, an exporter that sends to a collector.
const tracer = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }).getTracer('users');

type Callback<T, R> = (value: T, index: number, run: Context) => Promise<R>;
type Slow = <T, R>(fn: Callback<T, R>) => Callback<T, R>;

/** A stream whose runs are spans. `build` gets a wrapper for callbacks, whose calls are spans if they take 200 ms. */
function traced<T>(name: string, build: (slow: Slow) => AsyncStream<T>): AsyncStream<T> {
  return AsyncStream.from(() => {
    const span = tracer.startSpan(name);
    const inRun = trace.setSpan(context.active(), span);
    let elements = 0;
    const slow: Slow = (fn) => async (value, index, run) => {
      const startTime = Date.now();
      const result = await fn(value, index, run);
      if (Date.now() - startTime >= 200) tracer.startSpan(fn.name, { startTime, attributes: { index } }, inRun).end();
      return result;
    };
    return build(slow).tap({
      next: () => elements++,
      complete: () => span.setStatus({ code: SpanStatusCode.OK }),
      error(error) {
        const { method, index } = AsyncStream.traceOf(error) ?? {};
        span.setAttributes({ ...(method && { method }), ...(index !== undefined && { index }) });
        span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      },
      close: () => span.setAttribute('elements', elements).end(),
    });
  });
}

async function fetchUser(id: number, _index: number, { signal }: Context): Promise<string> {
  await latency(id % 4 === 0 ? 400 : 1, undefined, { signal });
  if (id === 7) throw new Error('user 7 not found');
  return `user ${id}`;
}
const users = (count: number): AsyncStream<string> =>
  traced(`${count} users`, (slow) => AsyncStream.range(1, count + 1).map(slow(fetchUser), { concurrency: 2 }));

await users(5).toArray();
await users(3).take(2).toArray(); // The consumer leaves early: neither ok nor an error.
await users(9).toArray().catch(String);

for (const { name, attributes, parentSpanContext, status, duration } of exporter.getFinishedSpans()) {
  const time = `${(duration[0] * 1000 + duration[1] / 1e6).toFixed(0)} ms`;
  const state = `${SpanStatusCode[status.code]}${status.message ? `: ${status.message}` : ''}`;
  console.log(`${parentSpanContext ? '  ' : ''}${name}: ${time}`, attributes, state);
}

// Prints:
//   fetchUser: 402 ms { index: 3 } UNSET
// 5 users: 443 ms { elements: 5 } OK
// 3 users: 3 ms { elements: 2 } UNSET
//   fetchUser: 401 ms { index: 3 } UNSET
// 9 users: 405 ms { method: 'map', index: 6, elements: 6 } ERROR: user 7 not found
