// `npm run soak:heap`, a part of `npm run soak`: the heap over very many elements, streams and early exits, and over an
// hour of live traffic. `--elements 1000000 --streams 20000 --seconds 5` is a short form; 0 leaves a part out.
import { EventEmitter, getEventListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { AsyncStream } from '../../lib/index.ts';

const { values } = parseArgs({
  options: { elements: { type: 'string' }, streams: { type: 'string' }, seconds: { type: 'string' } },
});
const elements = Number(values.elements ?? 100_000_000);
const streams = Number(values.streams ?? 1_000_000);
const seconds = Number(values.seconds ?? 3600);

/** The growth of the heap, in bytes, that fails a soak. A leak of one word for each round of a long run is more. */
const LIMIT = 5 * 2 ** 20;
/** The first measurements, in which V8 compiles and fills its caches, count as warming up. */
const SAMPLES = 20;

const collect = globalThis.gc as unknown as () => void;
let failed = false;
process.on('unhandledRejection', (reason) => fail(`unhandled rejection: ${String(reason)}`));

function fail(what: string): void {
  failed = true;
  console.error(`FAILED: ${what}`);
}

/** The heap in use, twenty times or more during a soak. */
class Heap {
  readonly #samples: number[] = [];

  sample(): void {
    collect();
    this.#samples.push(process.memoryUsage().heapUsed);
  }

  /** By how much it has grown since a tenth of the soak: at the end, and at most. */
  growth(): { end: number; most: number } {
    const warm = this.#samples.slice(Math.ceil(this.#samples.length / 10));
    const first = warm[0]!;
    return { end: warm.at(-1)! - first, most: Math.max(...warm) - first };
  }
}

async function soak(name: string, run: (heap: Heap) => Promise<string>): Promise<void> {
  const heap = new Heap();
  const begin = performance.now();
  const result = await run(heap);
  await sleep(20);
  heap.sample();
  const took = ((performance.now() - begin) / 1000).toFixed(0);
  const { end, most } = heap.growth();
  const mb = (bytes: number) => `${(bytes / 2 ** 20).toFixed(2)} MB`;
  console.log(`${name}: ${result} in ${took} s; the heap grew by ${mb(end)}, and by ${mb(most)} at most`);
  if (end > LIMIT) fail(`${name}: the heap grew by ${mb(end)}`);
}

const format = (count: number) => count.toLocaleString('en');

/** Twelve stages, both kinds, over an async generator. As many elements reach the end as the source has emitted. */
async function twelveStages(heap: Heap): Promise<string> {
  const every = Math.max(1, Math.floor(elements / SAMPLES));
  async function* source() {
    for (let n = 0; n < elements; n++) {
      if (n % every === 0) heap.sample();
      yield n;
    }
  }
  const count = await AsyncStream.from(source)
    .map((n) => ({ n }))
    .filter(({ n }) => n >= 0)
    .tap(() => undefined)
    .distinctUntilChanged(({ n }) => n)
    .takeWhile(({ n }) => n >= 0)
    .scan((sum, { n }) => sum + n, 0)
    .dropWhile((sum) => sum < 0)
    .chunks(10)
    .buffer(4)
    .flatMap((chunk) => chunk)
    .windows(2)
    .entries()
    .count();
  if (count !== elements - 1) fail(`${count} elements came through`);
  return `${format(elements)} elements`;
}

async function rounds(heap: Heap, round: (n: number) => Promise<unknown>): Promise<string> {
  const every = Math.max(1, Math.floor(streams / SAMPLES));
  for (let n = 0; n < streams; n++) {
    if (n % every === 0) {
      await sleep(1);
      heap.sample();
    }
    await round(n);
  }
  return `${format(streams)} streams`;
}

async function shortStreams(heap: Heap): Promise<string> {
  const { signal } = new AbortController();
  const kinds: (() => Promise<unknown>)[] = [
    () => AsyncStream.of(1, 2).withSignal(signal).toArray(),
    () =>
      AsyncStream.of(1, 2)
        .map(async (n) => n)
        .toArray({ signal }),
    () => AsyncStream.of(1).merge([2]).buffer(2).withSignal(signal).count(),
    () => AsyncStream.of(1).timeout(1000).drain({ signal }),
    () => AsyncStream.of(1, 2).takeUntil(signal).first(),
  ];
  const result = await rounds(heap, (n) => kinds[n % kinds.length]!());
  const listeners = getEventListeners(signal, 'abort').length;
  if (listeners > 0) fail(`${listeners} listeners stay on the signal`);
  return `${result} on one signal`;
}

async function earlyExits(heap: Heap): Promise<string> {
  let open = 0;
  async function* naturals() {
    open++;
    try {
      for (let n = 0; ; n++) yield n;
    } finally {
      open--;
    }
  }
  const source = () => AsyncStream.from(naturals);
  const leave = async (stream: AsyncStream<unknown>) => {
    for await (const _element of stream) break;
  };
  const wanted = new Error('wanted');
  const kinds: (() => Promise<unknown>)[] = [
    () => leave(source()),
    () => source().map(String).take(2).toArray(),
    () => source().find((n) => n === 2),
    () => leave(source().merge(source())),
    () => leave(source().buffer(4)),
    () => leave(source().map(async (n) => n, { concurrency: 3 })),
    () => leave(source().flatMap(source, { concurrency: 2 })),
    () => leave(source().zip(source()).chunks(2)),
    () => leave(source().timeout(1000).switchMap(source)),
    () =>
      source()
        .forEach(() => {
          throw wanted;
        })
        .catch(() => undefined),
    () => {
      const controller = new AbortController();
      const stream = source().tap(() => controller.abort(wanted));
      return stream.drain({ signal: controller.signal }).catch(() => undefined);
    },
  ];
  const result = await rounds(heap, (n) => kinds[n % kinds.length]!());
  if (open !== 0) fail(`${open} sources were left open`);
  return `${result} left early`;
}

/** Runs that start and end all the time, on timers and events, each ended in another way. */
async function liveTraffic(heap: Heap): Promise<string> {
  const emitter = new EventEmitter();
  const shared = new AbortController();
  const ticking = setInterval(() => emitter.emit('tick', 'tick'), 5);
  const end = performance.now() + seconds * 1000;
  const outcomes: Record<string, number> = { 'ended by themselves': 0, 'timed out': 0, aborted: 0, left: 0 };
  let count = 0;

  const traffic = () =>
    AsyncStream.interval(5)
      .merge(AsyncStream.fromEvent<string>(emitter, 'tick'))
      .buffer(4)
      .timeout(1000)
      .map(async (value) => (await sleep(1), value), { concurrency: 4 })
      .tap(() => {
        count++;
      })
      .withSignal(shared.signal);
  const ends: (() => Promise<unknown>)[] = [
    async () => {
      await traffic().take(20).drain();
      outcomes['ended by themselves']!++;
    },
    async () => {
      const silent = AsyncStream.fromEvent(emitter, 'never').merge(AsyncStream.from(() => new Promise<never>(() => 0)));
      const error = await silent.buffer(2).timeout(50).withSignal(shared.signal).drain().catch(String);
      if (String(error).startsWith('TimeoutError')) outcomes['timed out']!++;
    },
    async () => {
      const abort = new AbortController();
      setTimeout(() => abort.abort('enough'), 60);
      const error = await traffic().drain({ signal: abort.signal }).catch(String);
      if (error === 'enough') outcomes['aborted']!++;
    },
    async () => {
      let seen = 0;
      for await (const _element of traffic()) if (++seen === 10) break;
      outcomes['left']!++;
    },
  ];
  // A few at a time, each again as soon as it is over: mostly waiting, and all day long.
  const again = async (run: () => Promise<unknown>) => {
    while (performance.now() < end) await run();
  };
  const between = Math.max(100, (seconds * 1000) / (SAMPLES * 3));
  const measuring = (async () => {
    while (performance.now() < end) {
      heap.sample();
      await sleep(Math.min(between, Math.max(0, end - performance.now())));
    }
  })();
  await Promise.all([...ends, ...ends].map(again).concat(measuring));
  clearInterval(ticking);
  const listeners = emitter.listenerCount('tick') + emitter.listenerCount('never');
  const onSignal = getEventListeners(shared.signal, 'abort').length;
  if (listeners + onSignal > 0) fail(`${listeners} listeners stay on the emitter, ${onSignal} on the signal`);
  await sleep(100);
  const timers = process.getActiveResourcesInfo().filter((resource) => resource === 'Timeout').length;
  if (timers > 0) fail(`${timers} timers stay`);
  for (const [how, runs] of Object.entries(outcomes)) if (runs === 0) fail(`no run ${how}`);
  const runs = Object.entries(outcomes).map(([how, runs]) => `${format(runs)} ${how}`);
  return `${format(count)} elements of live traffic, runs: ${runs.join(', ')},`;
}

if (elements > 0) await soak('twelve stages', twelveStages);
if (streams > 0) {
  await soak('short streams', shortStreams);
  await soak('early exits', earlyExits);
}
if (seconds > 0) await soak('live traffic', liveTraffic);
console.log(`Node ${process.version} on ${process.platform} ${process.arch}`);
process.exitCode = failed ? 1 : 0;
