import { isDeepStrictEqual } from 'node:util';

import type { Report } from './facts.ts';

export type Version = 'stream' | 'byHand';

export interface Timing {
  /** Of each round, in milliseconds. */
  readonly times: readonly number[];
  readonly median: number;
}

export interface Comparison {
  readonly stream: Timing;
  readonly byHand: Timing;
  /** The time with AsyncStream over the time by hand. */
  readonly ratio: number;
  readonly report: Report;
}

/** Times both versions, which must give the same report, after a round that warms up the file cache and the compiler. */
export async function compare(
  rounds: number,
  make: (version: Version, round: number) => Promise<Report>,
): Promise<Comparison> {
  const times: Record<Version, number[]> = { stream: [], byHand: [] };
  let first: Report | undefined;

  for (let round = 0; round <= rounds; round++) {
    // Whoever comes second finds the heap that the first has left: they take turns at it.
    const order: Version[] = round % 2 === 0 ? ['byHand', 'stream'] : ['stream', 'byHand'];
    for (const version of order) {
      const start = performance.now();
      const report = await make(version, round);
      if (round > 0) times[version].push(performance.now() - start);
      first ??= report;
      if (!isDeepStrictEqual(report, first)) throw new Error('The two versions do not give the same report.');
    }
  }

  const stream = { times: times.stream, median: median(times.stream) };
  const byHand = { times: times.byHand, median: median(times.byHand) };
  return { stream, byHand, ratio: stream.median / byHand.median, report: first! };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
