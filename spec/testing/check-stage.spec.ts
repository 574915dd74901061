import { describe, expect, test } from '@jest/globals';
import { checkStage, LawError } from '../../lib/testing/index.ts';
import { outcomeOf } from '../support/turns.ts';
import { correctStages, wrongStages } from '../support/wrong-stages.ts';

async function brokenBy(check: Promise<void>): Promise<LawError> {
  const outcome = (await outcomeOf(() => check)) as { error?: unknown };
  expect(outcome.error).toBeInstanceOf(LawError);
  return outcome.error as LawError;
}

describe('checkStage', () => {
  test.each(correctStages.map((row) => [row.name, row] as const))('takes %s', async (_name, { stage, options }) => {
    await expect(checkStage(stage, options)).resolves.toBeUndefined();
  });

  test.each(wrongStages.map((row) => [row.name, row] as const))(
    'names the law of a stage that %s',
    async (_name, { stage, law, also = [], options }) => {
      const { broken } = await brokenBy(checkStage(stage, options));
      expect(broken.map((one) => one.law).toSorted()).toEqual([law, ...also].toSorted());
    },
  );
});

describe('the error of checkStage', () => {
  async function* copied(source: AsyncIterable<number>) {
    yield* source;
  }

  async function* forgets(source: AsyncIterable<number>) {
    const iterator = source[Symbol.asyncIterator]();
    for (let result = await iterator.next(); !result.done; result = await iterator.next()) yield result.value;
  }

  test('shows the smallest case, and everything that happened in it', async () => {
    const error = await brokenBy(checkStage(forgets));
    expect(error.broken).toEqual([
      {
        law: 'closes',
        rule: 'the source is closed when a run ends before it',
        situation: 'the consumer leaves after 1 result',
        got: 'left open',
        drawing: 'consumer  next            → 3 return → end next → end return → end\nsource          next → 3',
      },
    ]);
    expect(error.message).toBe(
      [
        'checkStage: a law is broken',
        '',
        '  closes: the source is closed when a run ends before it',
        '    case: the consumer leaves after 1 result',
        '    got:  left open',
        '',
        '    consumer  next            → 3 return → end next → end return → end',
        '    source          next → 3',
        '',
      ].join('\n'),
    );
  });

  test('counts the laws, and leaves out those that are not asked', async () => {
    async function* worse(source: AsyncIterable<number>) {
      setTimeout(() => undefined, 5);
      yield* forgets(source);
    }
    const error = await brokenBy(checkStage(worse));
    expect(error.message).toMatch(/^checkStage: 2 laws are broken\n/);
    expect(error.broken.map(({ law, got }) => [law, got])).toEqual([
      ['closes', 'left open'],
      ['timers', 'setTimeout of 5 ms'],
    ]);
    await checkStage(worse, { except: ['closes', 'timers'] });
  });

  test('says how a stage fails for elements that it does not take', async () => {
    async function* lengths(source: AsyncIterable<string>) {
      for await (const text of source) yield text.trim().length;
    }
    const error = await brokenBy(checkStage(lengths as never));
    expect(error.broken.map(({ law, got }) => [law, got])).toEqual([
      ['values', expect.stringMatching(/^error TypeError: .*pass elements that the stage accepts$/)],
    ]);
    await checkStage(lengths, { elements: ['a', 'bc'], model: (all) => all.map((text) => text.length) });
  });

  test('compares elements that contain themselves', async () => {
    const loop = (value: number) => {
      const element: Record<string, unknown> = { value, list: [] };
      element['self'] = element;
      (element['list'] as unknown[]).push(new Set([element]));
      return element;
    };
    const stageOf = (fn: (value: number) => unknown) =>
      async function* (source: AsyncIterable<number>) {
        for await (const value of source) yield fn(value);
      };
    await checkStage(stageOf(loop), { model: (all) => all.map(loop) });
    const error = await brokenBy(
      checkStage(
        stageOf((value) => loop(value + 1)),
        { model: (all) => all.map(loop) },
      ),
    );
    expect(error.broken[0]).toMatchObject({ law: 'values' });
  });

  test('reports a stage without an end', async () => {
    async function* endless() {
      for (;;) yield 1;
    }
    const { broken } = await brokenBy(checkStage(endless));
    expect(broken.map(({ law, got }) => [law, got])).toEqual([['settles', '200 results and no end']]);
  });

  test.each([
    [
      'fails without an element, and its model does not',
      'a source of 0 elements',
      '[], error RangeError: empty, and not []',
    ],
    ['emits a result where its model fails', 'a source of 0 elements', '[0], end, and not an error'],
    ['loses the last element', 'a source of 1 element', '[], end, and not [3]'],
    ['never stops after a single element', 'a source of 1 element', '200 results and no end'],
    ['never settles after a callback that takes its time', 'a callback that takes its time', 'next() never settles'],
  ])('shows how a stage %s', async (name, situation, got) => {
    const { stage, options } = wrongStages.find((row) => row.name === name)!;
    const { broken } = await brokenBy(checkStage(stage, options));
    expect(broken[0]).toMatchObject({ situation, got });
  });

  test('shows a call that comes late', async () => {
    const { stage } = wrongStages.find(({ name }) => name === 'calls its callback after return()')!;
    const { broken } = await brokenBy(checkStage(stage));
    expect(broken[0]).toMatchObject({
      situation: 'a callback that hangs at its first call',
      got: '1 call after the run',
      drawing: [
        'consumer  next                     return                → end           → end → end',
        'callback                  call(3)                               call(3)',
        'source          next → 3                   close closed',
      ].join('\n'),
    });
  });

  test('finds a timer that a stage sets before it is read', async () => {
    const eager = (source: AsyncIterable<number>) => {
      setTimeout(() => undefined, 5);
      return copied(source);
    };
    const { broken } = await brokenBy(checkStage(eager));
    expect(broken.map(({ law, situation }) => [law, situation])).toEqual([
      ['timers', 'the consumer leaves before its first pull'],
    ]);
  });

  test.each([
    [[], 'TypeError: checkStage: stage must be a function, got undefined'],
    [[forgets, { expect: 1 }], "TypeError: checkStage: unknown option 'expect', known: elements, model, "],
    [[forgets, { readAhead: -1 }], 'RangeError: checkStage: readAhead must be a non-negative integer'],
    [[forgets, { endsAfter: NaN }], 'RangeError: checkStage: endsAfter must be a non-negative integer'],
    [[forgets, { pulls: [1, -1] }], 'RangeError: checkStage: pulls must be a non-negative integer'],
    [[forgets, { pulls: 2 }], 'TypeError: checkStage: pulls must be an array, got 2'],
    [[forgets, { elements: 'abc' }], "TypeError: checkStage: elements must be an array, got 'abc'"],
    [[forgets, { model: [1] }], 'TypeError: checkStage: model must be a function, got [object Array]'],
    [[forgets, { concurrency: 0 }], 'RangeError: checkStage: concurrency must be a positive integer'],
    [[forgets, { except: 'closes' }], "TypeError: checkStage: except must be an array, got 'closes'"],
    [[forgets, { except: ['close'] }], "RangeError: checkStage: except must be one of 'settles', "],
  ])('refuses %p', async (args, message) => {
    const { error } = (await outcomeOf(() => (checkStage as any)(...args))) as { error: unknown };
    expect(String(error)).toContain(message);
  });
});
