import { isDeepStrictEqual } from 'node:util';

import type { Report } from './facts.ts';

/** With AsyncStream several files at a time, with AsyncStream one at a time, and by hand, one at a time. */
export type Version = 'several' | 'stream' | 'byHand';

export interface Timing {
  /** The milliseconds of each round. */
  readonly times: readonly number[];
  readonly median: number;
}

export interface Comparison {
  /** Undefined if only one file is read at a time. */
  readonly several: Timing | undefined;
  readonly stream: Timing;
  readonly byHand: Timing;
  /** The time with AsyncStream, divided by the time by hand. Both read one file at a time. */
  readonly ratio: number;
  /** The time with AsyncStream for one file at a time, divided by its time for several. */
  readonly gain: number | undefined;
  readonly report: Report;
}

/** Times the versions after a round that warms up the file cache and the compiler. Throws if their reports differ. */
export async function compare(
  { rounds, several }: { readonly rounds: number; readonly several: boolean },
  make: (version: Version, round: number) => Promise<Report>,
): Promise<Comparison> {
  const times: Record<Version, number[]> = { byHand: [], stream: [], several: [] };
  const versions: readonly Version[] = several ? ['byHand', 'stream', 'several'] : ['byHand', 'stream'];
  let first: Report | undefined;

  for (let round = 0; round <= rounds; round++) {
    // Each version leaves garbage for the next one to collect, so they take turns at being first.
    const turn = round % versions.length;
    for (const version of [...versions.slice(turn), ...versions.slice(0, turn)]) {
      const start = performance.now();
      const report = await make(version, round);
      if (round > 0) times[version].push(performance.now() - start);
      first ??= report;
      if (!isDeepStrictEqual(report, first)) throw new Error('The versions do not give the same report.');
    }
  }

  const timing = (version: Version): Timing => ({ times: times[version], median: median(times[version]) });
  const byHand = timing('byHand');
  const stream = timing('stream');
  const severally = several ? timing('several') : undefined;
  return {
    several: severally,
    stream,
    byHand,
    ratio: stream.median / byHand.median,
    gain: severally && stream.median / severally.median,
    report: first!,
  };
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  return (sorted[(sorted.length - 1) >> 1]! + sorted[sorted.length >> 1]!) / 2;
}
