// A failure at every call of the source, of a callback and of the cleanup, and a hang at every pull, for every terminal.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { type Probe, probe, type ProbeOptions } from '../../lib/testing/index.ts';
import { type Ends, terminals } from '../support/table.ts';
import { idle, outcomeOf, until } from '../support/turns.ts';

const LENGTH = 10;
const PULLS = Array.from({ length: LENGTH + 1 }, (_, index) => index + 1);
const ERRORS = [new Error('injected'), undefined, false];

describe.each(terminals.map((row) => [row.call, row] as const))('%s', (_call, row) => {
  const elements = PULLS.slice(0, LENGTH).map((n) => row.element?.(n) ?? n);
  const source = (options: ProbeOptions = {}) => probe<any>(elements, options);
  const ends = (of: Probe<any>) => AsyncStream.from(of) as unknown as Ends;
  const clean = (of: Probe<any>) => expect([of.faults(), of.closed <= 1]).toEqual([[], true]);

  test('rejects with the error of the source, at every pull', async () => {
    for (const failAt of PULLS) {
      for (const error of ERRORS) {
        const failing = source({ failAt, error });
        const outcome = await outcomeOf(() => row.end(ends(failing)));
        if (failing.log.includes('failed')) expect(outcome).toStrictEqual({ error });
        clean(failing);
      }
    }
  });

  test('rejects with an error of opening, and of closing where nothing failed before', async () => {
    for (const error of ERRORS) {
      const refusing = source({ failAt: 'open', error });
      expect(await outcomeOf(() => row.end(ends(refusing)))).toStrictEqual({ error });
      const closing = source({ failAt: 'close', error });
      const outcome = await outcomeOf(() => row.end(ends(closing)));
      if (closing.closed > 0 && row.fails === undefined) expect(outcome).toStrictEqual({ error });
      if (row.fails !== undefined) expect(String((outcome as { error: unknown }).error)).toBe(row.fails);
      clean(refusing);
      clean(closing);
    }
  });

  if (!row.noEnding) {
    test.each(['an element', 'an error'])(
      'is aborted at every pull that hangs, and settles late with %s',
      async (late) => {
        for (const hangAt of PULLS) {
          const hanging = source({ hangAt, ...(late === 'an error' ? { failAt: hangAt } : {}) });
          const controller = new AbortController();
          let isOver = false;
          const outcome = outcomeOf(() => row.end(ends(hanging), { signal: controller.signal })).finally(() => {
            isOver = true;
          });
          await until(() => hanging.hanging || isOver);
          if (isOver) continue;
          controller.abort('reason');
          expect(await outcome).toEqual({ error: 'reason' });
          expect(hanging.closed).toBe(1);
          hanging.release();
          await idle();
          clean(hanging);
        }
      },
    );
  }

  for (const { name, build, answer, sync } of row.callbacks ?? []) {
    test(`rejects with the error of ${name}, at every call`, async () => {
      for (const how of sync ? (['throws'] as const) : (['throws', 'rejects'] as const)) {
        for (const failAt of PULLS) {
          for (const error of ERRORS) {
            const read = source({ failAt: 'close' });
            let calls = 0;
            const fn = (...args: any[]): any => {
              if (++calls !== failAt) return answer(...args);
              if (how === 'rejects') return Promise.reject(error);
              throw error;
            };
            const outcome = await outcomeOf(() => build(ends(read), fn));
            if (calls >= failAt) expect([outcome, calls]).toStrictEqual([{ error }, failAt]);
            clean(read);
          }
        }
      }
    });
  }
});
