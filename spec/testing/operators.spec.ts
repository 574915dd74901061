// Every operator of the library passes the check that users put on stages of their own.
import { expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { checkStage, type StageLaw } from '../../lib/testing/index.ts';
import { stages } from '../support/table.ts';

/** Laws that an operator breaks on purpose. */
const EXCEPT: Readonly<Record<string, readonly StageLaw[]>> = {
  'repeat(2)': ['opens-once'],
  'catch(fn)': ['errors', 'falsy-errors'],
  // They read the source on while an inner stream runs, and drop elements: by an error, by the time they take.
  'switchMap(fn)': ['errors-in-order', 'pulls', 'concurrent-next'],
  'exhaustMap(fn)': ['errors-in-order', 'pulls', 'concurrent-next'],
  'switchMap(fn): fn': ['errors-in-order', 'concurrent-next', 'callback-errors', 'sequential'],
  'exhaustMap(fn): fn': ['errors-in-order', 'concurrent-next'],
};

test.each(stages.map((row) => [row.call, row] as const))('%s', async (_call, row) => {
  const elements = Array.from({ length: 10 }, (_, index) => row.element?.(index + 1) ?? index + 1);
  const ahead = row.ahead?.map((asked, index) => asked - row.asks[index]!);
  await expect(
    checkStage<any>((source) => row.build(AsyncStream.from(source)), {
      elements,
      model: (all) => row.model([...all]),
      pulls: row.asks,
      readAhead: Math.max(0, ...(ahead ?? [])),
      ...(row.stopsAfter === undefined ? {} : { endsAfter: row.stopsAfter }),
      except: EXCEPT[row.call] ?? [],
    }),
  ).resolves.toBeUndefined();
});

// The callbacks of an operator: each fails at each call, throwing and rejecting, and hangs at each call.
const asking = stages.flatMap((row) =>
  (row.callbacks ?? [])
    .filter(({ when, sync, settles }) => when === undefined && !sync && !settles)
    .map((callback) => [`${row.call}: ${callback.name}`, row, callback] as const),
);

test.each(asking)('%s', async (call, row, callback) => {
  const elements = Array.from({ length: 10 }, (_, index) => row.element?.(index + 1) ?? index + 1);
  await expect(
    checkStage<any>(
      (source, pass) =>
        callback.build(AsyncStream.from(source), (...args: any[]) => pass(callback.answer(...args) as unknown)),
      { elements, readAhead: Infinity, except: EXCEPT[call] ?? [] },
    ),
  ).resolves.toBeUndefined();
});
