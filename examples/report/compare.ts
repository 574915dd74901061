import { isDeepStrictEqual } from 'node:util';

import type { Report } from './facts.ts';

/** With AsyncStream several files at a time, with AsyncStream one at a time, and by hand, one at a time. */
export type Version = 'several' | 'stream' | 'byHand';

export interface Timing {
  /** Of each round, in milliseconds. */
  readonly times: readonly number[];
  readonly median: number;
}

export interface Comparison {
  /** Where it was asked for. */
  readonly several: Timing | undefined;
  readonly stream: Timing;
  readonly byHand: Timing;
  /** The time with AsyncStream over the time by hand, both one file at a time. */
  readonly ratio: number;
  /** The time with AsyncStream one file at a time over that with several. */
  readonly gain: number | undefined;
  readonly report: Report;
}

/** Times the versions, which must give the same report, after a round that warms up the file cache and the compiler. */
export async function compare(
  { rounds, several }: { readonly rounds: number; readonly several: boolean },
  make: (version: Version, round: number) => Promise<Report>,
): Promise<Comparison> {
  const times: Record<Version, number[]> = { byHand: [], stream: [], several: [] };
  const versions: readonly Version[] = several ? ['byHand', 'stream', 'several'] : ['byHand', 'stream'];
  let first: Report | undefined;

  for (let round = 0; round <= rounds; round++) {
    // Whoever comes later finds the heap that the others have left: they take turns at being first.
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
