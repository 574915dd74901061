// What the laws in spec/laws have in common.
import { expect } from '@jest/globals';
import type { AsyncStream } from '../../lib/index.ts';
import { iterate } from './iterators.ts';
import { type KindName, KINDS, Probe, type ProbeOptions } from './probe.ts';
import type { StageRow } from './table.ts';
import { idle, outcomeOf, seenOf } from './turns.ts';

/** The number of elements of a source that ends. */
export const ALL = 10;
/** Turns of the event loop that a source has to see before it has emitted `TURNS * 5000` elements. */
export const TURNS = 3;
/** Kinds that can be stuck, each in its own way. */
export const STUCK_KINDS: readonly KindName[] = [
  'async iterable',
  'sync iterable',
  'async generator',
  'ReadableStream',
  'stream',
];

/** The rows of the table under the names by which `describe.each` calls them. */
export const byCall = <Row extends { readonly call: string }>(rows: readonly Row[]) =>
  rows.map((row) => [row.call, row] as const);

/** What comes of each kind, under its name. */
export async function forKinds<R>(act: (kind: KindName) => R | Promise<R>): Promise<Record<string, R>> {
  const results: Record<string, R> = {};
  for (const kind of KINDS) results[kind] = await act(kind);
  return results;
}

export const elementsOf = ({ element = (n) => n }: Pick<StageRow, 'element'>, length = ALL): unknown[] =>
  Array.from({ length }, (_, index) => element(index + 1));

/** What has come of a source before its nth element, where that is an error. */
export const resultsBefore = (row: StageRow, n: number): unknown[] => {
  if (row.flushes) return row.model(elementsOf(row, n - 1));
  return row.model(elementsOf(row)).slice(0, row.asks.filter((asked) => asked < n).length);
};

export async function take(iterator: AsyncIterator<unknown>, count: number): Promise<unknown[]> {
  const taken: unknown[] = [];
  for (let i = 0; i < count; i++) taken.push((await iterator.next()).value);
  return taken;
}

/** Probes with the elements that a stage or a terminal takes. */
export function probesOf(row: Pick<StageRow, 'element'>) {
  const options: ProbeOptions = row.element === undefined ? {} : { element: row.element };
  const endless = (more: ProbeOptions = {}) => new Probe({ ...options, ...more });
  const finite = (more: ProbeOptions = {}) => endless({ length: ALL, ...more });
  return { endless, finite };
}

/** What the laws need to know of a stage beyond its row. */
export function stageOf(row: StageRow) {
  const elements = elementsOf(row);
  const { endless, finite } = probesOf(row);
  /** If it reads ahead, until the source is no longer in the middle of producing a value. */
  const pause = () => (row.ahead === undefined ? undefined : idle().then(idle));
  return {
    elements,
    results: row.model(elements),
    /** After how many results the source has been opened. */
    opening: row.waits ? 1 : row.asks.findIndex((asked) => asked > 0) + 1,
    endless,
    finite,
    /** As long as it takes for it to emit something. */
    lasting: row.waits ? finite : endless,
    pause,
    paused: (stream: AsyncStream<unknown>) => (row.ahead === undefined ? stream : stream.tap(pause)),
  };
}

/** A cleanup that takes its time. */
export const cleaning = (name: string, log: string[], act?: () => unknown) => async () => {
  log.push(name);
  act?.();
  await idle().then(idle);
  log.push(`${name} done`);
};

/** The ways in which a callback leaves its own run at its first element, and goes on. */
export const LEFT_WITHIN: readonly ((stream: AsyncStream<unknown>) => Promise<unknown>)[] = [
  async function abort(stream) {
    const controller = new AbortController();
    const run = stream.forEach(() => controller.abort('stop'), { signal: controller.signal });
    expect(await outcomeOf(() => run)).toEqual({ error: 'stop' });
  },
  async function abortInLoop(stream) {
    const controller = new AbortController();
    const run = seenOf(stream.withSignal(controller.signal).tap(() => controller.abort('stop')));
    expect(await run).toEqual({ seen: [], error: 'stop' });
  },
  async function leave(stream) {
    let returned: unknown;
    const iterator = iterate(stream.tap(() => void (returned = iterator.return!())));
    await iterator.next();
    await returned;
  },
];
