// Each source.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream } from '../../lib/index.ts';
import { DONE, iterate } from '../support/iterators.ts';
import { byCall, cleaning, LEFT_WITHIN, take } from '../support/laws.ts';
import { sources } from '../support/table.ts';
import { outcomeOf, seenOf } from '../support/turns.ts';

describe.each(byCall(sources))('%s', (_, row) => {
  const { build, elements, endless } = row;
  const bounded = () => (endless ? build().take(elements.length) : build());

  test('gives its elements', async () => {
    expect(await bounded().toArray()).toEqual(elements);
  });

  test('gives its elements to a for await loop', async () => {
    expect(await seenOf(bounded())).toEqual({ seen: elements });
  });

  test(row.once ? 'refuses a second run' : 'gives the same to each run, and to runs at the same time', async () => {
    const stream = bounded();
    if (row.once) {
      expect(await stream.toArray()).toEqual(elements);
      return expect(await outcomeOf(() => stream.toArray())).toMatchObject({ error: { name: 'StreamConsumedError' } });
    }
    expect(await Promise.all([stream.toArray(), stream.toArray()])).toEqual([elements, elements]);
    expect(await stream.toArray()).toEqual(elements);
  });

  test('gives as many as are taken', async () => {
    for (let count = 0; count <= elements.length; count++) {
      expect(await build().take(count).toArray()).toEqual(elements.slice(0, count));
    }
  });

  test('may be left before its start, twice, and after its end', async () => {
    const iterator = iterate(bounded());
    expect(await Promise.all([iterator.return!(), iterator.return!(), iterator.next()])).toEqual([DONE, DONE, DONE]);
    const other = iterate(bounded());
    await take(other, elements.length + 1);
    expect([await other.next(), await other.return!()]).toEqual([DONE, DONE]);
  });

  if (elements.length > 0)
    test('is over when all is closed, if a callback leaves it', async () => {
      for (const leave of LEFT_WITHIN) {
        for (let before = 0; before < elements.length; before++) {
          const log: string[] = [];
          const resource = AsyncStream.using(
            () => 'open',
            () => build(),
            cleaning('above', log),
          );
          await leave(resource.finally(cleaning('below', log)).drop(before));
          log.push('over');
          expect(log).toEqual(['above', 'above done', 'below', 'below done', 'over']);
        }
      }
    });

  test('answers calls of next() that did not wait for each other in their order', async () => {
    const iterator = iterate(bounded());
    const calls = Array.from({ length: elements.length + 1 }, () => iterator.next());
    const values = (await Promise.all(calls)).map(({ done, value }) => (done ? 'done' : value));
    expect(values).toEqual([...elements, 'done']);
  });

  test('is no promise', () => {
    expect('then' in build()).toBe(false);
  });
});
