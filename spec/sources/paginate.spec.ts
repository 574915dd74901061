import { describe, expect, test } from '@jest/globals';
import { AsyncStream, type PageRequest } from '../../lib/index.ts';
import { aContext } from '../support/context.ts';
import { failures } from '../support/failures.ts';
import { DONE } from '../support/iterators.ts';
import { idle, outcomeOf, pause, seenOf, turnsUntilSettled, until } from '../support/turns.ts';

type Request = PageRequest<any>;

const letters = ['a', 'b', 'c', 'd', 'e'];

/** Gives what `page` makes of each request, and keeps the requests. */
function api<P>(page: (request: Request) => P) {
  const requests: Request[] = [];
  const fetchPage = async (request: Request): Promise<Awaited<P>> => {
    requests.push(request);
    return await page(request);
  };
  return { fetchPage, requests, numbers: () => requests.map(({ page }) => page) };
}

/** Answers a request when it is told to. */
function slowApi() {
  const asked: { page: number; signal: AbortSignal; answer(page: unknown): void; fail(error: unknown): void }[] = [];
  const fetchPage = ({ page, signal }: Request) =>
    new Promise<number[]>((answer, fail) => {
      asked.push({ page, signal, answer: answer as (page: unknown) => void, fail });
    });
  return { fetchPage, asked, numbers: () => asked.map(({ page }) => page) };
}

const byOffset = ({ offset, size }: Request) => letters.slice(offset, offset + size);

describe('paginate', () => {
  describe('by offset and size', () => {
    test('gives the elements of all pages, up to the first that is empty', async () => {
      const { fetchPage, requests } = api(byOffset);
      expect(await AsyncStream.paginate(fetchPage, { size: 2 }).toArray()).toEqual(letters);
      expect(requests).toEqual([
        { page: 1, offset: 0, size: 2, cursor: undefined, ...aContext },
        { page: 2, offset: 2, size: 2, cursor: undefined, ...aContext },
        { page: 3, offset: 4, size: 2, cursor: undefined, ...aContext },
        { page: 4, offset: 5, size: 2, cursor: undefined, ...aContext },
      ]);
    });

    test('asks for pages of 100 without a size', async () => {
      const { fetchPage, requests } = api(() => []);
      expect(await AsyncStream.paginate(fetchPage).toArray()).toEqual([]);
      expect(requests).toEqual([{ page: 1, offset: 0, size: 100, cursor: undefined, ...aContext }]);
    });

    test('moves on by what the pages had, and not by what was asked for', async () => {
      const { fetchPage, requests } = api(({ offset }) => letters.slice(offset, offset + 3));
      expect(await AsyncStream.paginate(fetchPage, { size: 10 }).toArray()).toEqual(letters);
      expect(requests.map(({ offset }) => offset)).toEqual([0, 3, 5]);
    });

    test('asks no more after a short page, where that is the last one', async () => {
      const { fetchPage, requests } = api(byOffset);
      expect(await AsyncStream.paginate(fetchPage, { size: 2, stopOnShortPage: true }).toArray()).toEqual(letters);
      expect(requests.map(({ offset }) => offset)).toEqual([0, 2, 4]);
    });

    test('asks once more where the last page was full', async () => {
      const { fetchPage, requests } = api(byOffset);
      expect(await AsyncStream.paginate(fetchPage, { size: 5, stopOnShortPage: true }).toArray()).toEqual(letters);
      expect(requests.map(({ offset }) => offset)).toEqual([0, 5]);
    });
  });

  describe('by cursor', () => {
    const chain = (...cursors: unknown[]) => api(({ page }) => ({ rows: [page], next: cursors[page - 1] }));
    const options = { items: (page: { rows: number[] }) => page.rows, next: (page: { next: unknown }) => page.next };

    test('fails where the cursor is a promise', async () => {
      const { fetchPage, numbers } = chain('x');
      const options = { items: ({ rows }: { rows: number[] }) => rows, next: async () => 'x' };
      const { seen, error } = await seenOf(AsyncStream.paginate(fetchPage, options as never));
      const message = 'TypeError: paginate: the result of next must be a value and not a promise, got [object Promise]';
      expect([seen, String(error), numbers()]).toEqual([[], message, [1]]);
    });

    test.each([null, undefined])('asks with the cursor of the page before, until that is %p', async (end) => {
      const { fetchPage, requests } = chain('x', 'y', end);
      expect(await AsyncStream.paginate(fetchPage, options).toArray()).toEqual([1, 2, 3]);
      expect(requests).toEqual([
        { page: 1, offset: 0, size: 100, cursor: undefined, ...aContext },
        { page: 2, offset: 1, size: 100, cursor: 'x', ...aContext },
        { page: 3, offset: 2, size: 100, cursor: 'y', ...aContext },
      ]);
    });

    test('takes 0, the empty string, false and NaN for cursors', async () => {
      const { fetchPage, requests } = chain(0, '', false, NaN, null);
      expect(await AsyncStream.paginate(fetchPage, options).toArray()).toEqual([1, 2, 3, 4, 5]);
      expect(requests.map(({ cursor }) => cursor as unknown)).toEqual([undefined, 0, '', false, NaN]);
    });

    test('begins with the cursor of the options', async () => {
      const { fetchPage, requests } = chain(null);
      expect(await AsyncStream.paginate(fetchPage, { ...options, cursor: 0 }).toArray()).toEqual([1]);
      expect(requests.map(({ cursor }) => cursor as unknown)).toEqual([0]);
    });

    test('goes on after a page that is empty, and ends with one that is not', async () => {
      const pages = [[1], [], [], [2]];
      const { fetchPage, numbers } = api(({ page }) => pages[page - 1]!);
      const next = (page: readonly number[], request: { page: number }) =>
        page === pages.at(-1) ? null : `page ${request.page + 1}`;
      expect(await AsyncStream.paginate(fetchPage, { next }).toArray()).toEqual([1, 2]);
      expect(numbers()).toEqual([1, 2, 3, 4]);
    });

    test('gets the page and its request', async () => {
      const seen: unknown[] = [];
      const stream = AsyncStream.paginate(({ page }) => [page], {
        next: (page, request) => {
          seen.push([page, request.page, request.offset, request.cursor]);
          return request.page < 2 ? `after ${page[0]}` : null;
        },
      });
      expect(await stream.toArray()).toEqual([1, 2]);
      expect(seen).toEqual([
        [[1], 1, 0, undefined],
        [[2], 2, 1, 'after 1'],
      ]);
    });

    test.each([0, 1, 5])('is not requested twice in a row, with prefetch %p', async (prefetch) => {
      const { fetchPage, requests } = api(({ page }) => [page]);
      const seen: number[] = [];
      const stream = AsyncStream.paginate(fetchPage, { next: () => 'same', prefetch });
      await expect(stream.forEach((x) => seen.push(x))).rejects.toEqual(
        new RangeError("paginate: next has returned the cursor 'same' twice in a row"),
      );
      expect(seen).toEqual([1, 2]);
      expect(requests.map(({ cursor }) => cursor as unknown)).toEqual([undefined, 'same']);
    });

    test('may be the first one again, or a new object', async () => {
      const cursors = ['a', 'b', 'a', null];
      const stream = AsyncStream.paginate(({ page }) => [page], { next: (_, { page }) => cursors[page - 1] });
      expect(await stream.toArray()).toEqual([1, 2, 3, 4]);
      const next = (_: unknown, { page }: { page: number }) => (page < 3 ? { id: 'scroll' } : null);
      const scrolled = AsyncStream.paginate<number, { id: string }>(({ page }) => [page], { next });
      expect(await scrolled.toArray()).toEqual([1, 2, 3]);
    });

    test.each([0, 1, () => 1])('decides in place of totalPages: %p', async (totalPages) => {
      const { fetchPage, numbers } = chain('x', null);
      expect(await AsyncStream.paginate(fetchPage, { ...options, totalPages }).toArray()).toEqual([1, 2]);
      expect(numbers()).toEqual([1, 2]);
    });

    test('asks no more after a short page, where that is the last one', async () => {
      const { fetchPage, numbers } = api(({ page }) => (page === 1 ? [1, 2] : [3]));
      const stream = AsyncStream.paginate(fetchPage, { next: () => 'more', size: 2, stopOnShortPage: true });
      expect(await stream.toArray()).toEqual([1, 2, 3]);
      expect(numbers()).toEqual([1, 2]);
    });
  });

  describe('by page number', () => {
    test.each([
      [{ totalPages: 3 }, [1, 2, 3]],
      [{ totalPages: 1 }, [1]],
      [{ totalPages: 3, firstPage: 0 }, [0, 1, 2]],
      [{ totalPages: 2, firstPage: 5 }, [5, 6]],
      [{ totalPages: 0 }, []],
    ])('asks for as many pages as there are: %j', async (options, pages) => {
      const { fetchPage, numbers } = api(({ page }) => [page]);
      expect(await AsyncStream.paginate(fetchPage, options).toArray()).toEqual(pages);
      expect(numbers()).toEqual(pages);
    });

    test('asks each page how many there are', async () => {
      const totals = [2, 4, 3];
      const { fetchPage, numbers } = api(({ page }) => ({ rows: [page], total: totals[page - 1]! }));
      const stream = AsyncStream.paginate(fetchPage, { items: ({ rows }) => rows, totalPages: ({ total }) => total });
      expect(await stream.toArray()).toEqual([1, 2, 3]);
      expect(numbers()).toEqual([1, 2, 3]);
    });

    test('emits the first page also where that says that there are none', async () => {
      const { fetchPage, numbers } = api(({ page }) => [page]);
      expect(await AsyncStream.paginate(fetchPage, { totalPages: () => 0 }).toArray()).toEqual([1]);
      expect(numbers()).toEqual([1]);
    });

    test.each<[string, () => unknown, string]>([
      ['NaN', () => NaN, 'RangeError: paginate: the result of totalPages must be a non-negative number, got NaN'],
      ['less than 0', () => -1, 'RangeError: paginate: the result of totalPages must be a non-negative number, got -1'],
      ['null', () => null, 'TypeError: paginate: the result of totalPages must be a non-negative number, got null'],
      [
        'a promise',
        async () => 3,
        'TypeError: paginate: the result of totalPages must be a non-negative number, got [object Promise]',
      ],
    ])('fails where a page says that there are %s', async (_, totalPages, message) => {
      const { fetchPage, numbers } = api(({ page }) => [page]);
      const { seen, error } = await seenOf(AsyncStream.paginate(fetchPage, { totalPages: totalPages as () => number }));
      expect([seen, String(error), numbers()]).toEqual([[], message, [1]]);
    });

    test('goes on after a page that is empty', async () => {
      const { fetchPage, numbers } = api(({ page }) => (page === 2 ? [] : [page]));
      expect(await AsyncStream.paginate(fetchPage, { totalPages: 3 }).toArray()).toEqual([1, 3]);
      expect(numbers()).toEqual([1, 2, 3]);
    });

    test('asks no more after a short page, where that is the last one', async () => {
      const { fetchPage, numbers } = api(({ page }) => (page === 1 ? [1, 2] : [3]));
      const options = { totalPages: 9, size: 2, stopOnShortPage: true };
      expect(await AsyncStream.paginate(fetchPage, options).toArray()).toEqual([1, 2, 3]);
      expect(numbers()).toEqual([1, 2]);
    });
  });

  describe('the elements', () => {
    test('are those of the page itself, also falsy ones', async () => {
      const values = [undefined, null, false, 0, NaN, ''];
      const { fetchPage } = api(({ page }) => (page === 1 ? values : []));
      expect(await AsyncStream.paginate(fetchPage).toArray()).toEqual(values);
    });

    test('are what items takes from the page, which is asked once', async () => {
      const asked: unknown[] = [];
      const pages = [{ rows: [1, 2] }, { rows: [3] }, { rows: [] as number[] }];
      const { fetchPage } = api(({ page }) => pages[page - 1]!);
      const items = (...args: [{ rows: number[] }]) => {
        asked.push(args);
        return args[0].rows;
      };
      expect(await AsyncStream.paginate(fetchPage, { items }).toArray()).toEqual([1, 2, 3]);
      expect(asked).toEqual(pages.map((page) => [page]));
    });

    test('may come without a promise', async () => {
      const pages = AsyncStream.paginate(({ page }: Request) => (page < 3 ? [page] : []));
      expect(await pages.toArray()).toEqual([1, 2]);
    });

    test.each<[page: unknown, described: string]>([
      [undefined, 'undefined'],
      [null, 'null'],
      ['rows', "'rows'"],
      [{ rows: [] }, '[object Object]'],
      [new Set([1]), '[object Set]'],
    ])('must be in an array: the page is %p', async (page, described) => {
      const { error } = (await outcomeOf(() => AsyncStream.paginate(() => page as number[]).toArray())) as {
        error: unknown;
      };
      expect(String(error)).toBe(
        `TypeError: paginate: the items of a page must be an array, got ${described}: pass the option items`,
      );
    });

    test.each<[string, object]>([
      ['a cursor', { next: () => undefined }],
      ['a number of pages', { totalPages: 1 }],
      ['whole pages and a cursor, with items', { pages: true, items: () => ({}), next: () => undefined }],
      ['whole pages and a number of pages, with items', { pages: true, items: () => ({}), totalPages: 1 }],
    ])('must be in an array, also with %s', async (_, options) => {
      const stream = AsyncStream.paginate((): readonly unknown[] => ({}) as never, options);
      await expect(stream.toArray()).rejects.toThrow(
        /^paginate: the items of a page must be an array, got \[object Object\]/,
      );
    });

    test('must be in an array: items gives none', async () => {
      const stream = AsyncStream.paginate(() => [1], { items: () => null as unknown as number[] });
      await expect(stream.toArray()).rejects.toEqual(
        new TypeError('paginate: the items of a page must be an array, got null'),
      );
    });
  });

  describe('pages', () => {
    test('gives the pages as they came', async () => {
      const { fetchPage } = api(byOffset);
      expect(await AsyncStream.paginate(fetchPage, { size: 2, pages: true }).toArray()).toEqual([
        ['a', 'b'],
        ['c', 'd'],
        ['e'],
      ]);
    });

    test('leaves out the empty one that says that there are no more', async () => {
      const { fetchPage, numbers } = api(() => []);
      expect(await AsyncStream.paginate(fetchPage, { pages: true }).toArray()).toEqual([]);
      expect(await AsyncStream.paginate(fetchPage, { pages: true, size: 2, stopOnShortPage: true }).toArray()).toEqual(
        [],
      );
      expect(numbers()).toEqual([1, 1]);
    });

    test('gives empty ones where something else says how far it goes, also the last', async () => {
      const pages = [[], [2], []];
      const { fetchPage } = api(({ page }) => pages[page - 1]!);
      expect(await AsyncStream.paginate(fetchPage, { pages: true, totalPages: 3 }).toArray()).toEqual(pages);
      const next = (page: readonly number[], request: { page: number }) =>
        page === pages.at(-1) ? null : `page ${request.page + 1}`;
      expect(await AsyncStream.paginate(fetchPage, { pages: true, next }).toArray()).toEqual(pages);
    });

    test('gives records, whose elements nobody needs to know, by cursor', async () => {
      const pages = [
        { rows: ['a'], after: 'x' },
        { rows: ['b'], after: null },
      ];
      const { fetchPage, requests } = api(({ page }) => pages[page - 1]!);
      const stream = AsyncStream.paginate(fetchPage, { pages: true, next: ({ after }) => after });
      expect(await stream.toArray()).toEqual(pages);
      expect(requests.map(({ cursor }) => cursor as unknown)).toEqual([undefined, 'x']);
    });

    test('gives records, whose elements nobody needs to know, by page number', async () => {
      const { fetchPage } = api(({ page }) => ({ page, total: 2 }));
      const stream = AsyncStream.paginate(fetchPage, { pages: true, totalPages: ({ total }) => total });
      expect(await stream.toArray()).toEqual([
        { page: 1, total: 2 },
        { page: 2, total: 2 },
      ]);
    });

    test('needs items of records where they are what says how far it goes', async () => {
      const pages = [{ rows: ['a'] }, { rows: [] }];
      const { fetchPage } = api(({ page }) => pages[page - 1]!);
      expect(await AsyncStream.paginate(fetchPage, { pages: true, items: ({ rows }) => rows }).toArray()).toEqual([
        { rows: ['a'] },
      ]);
      await expect(AsyncStream.paginate(fetchPage, { pages: true }).toArray()).rejects.toThrow(
        'paginate: the items of a page must be an array',
      );
    });
  });

  describe('what is asked for', () => {
    test('is nothing before the first element is wanted', async () => {
      const { fetchPage, requests } = api(byOffset);
      const stream = AsyncStream.paginate(fetchPage, { prefetch: 3 });
      await stream.take(0).toArray();
      await stream[Symbol.asyncIterator]().return();
      await idle();
      expect(requests).toEqual([]);
    });

    test('is no page of which no element is wanted', async () => {
      const { fetchPage, numbers } = api(byOffset);
      expect(await AsyncStream.paginate(fetchPage, { size: 2 }).take(4).toArray()).toEqual(['a', 'b', 'c', 'd']);
      expect(numbers()).toEqual([1, 2]);
    });

    test('starts anew in each run', async () => {
      const { fetchPage, requests } = api(byOffset);
      const stream = AsyncStream.paginate(fetchPage, { size: 3, firstPage: 0 });
      expect(await stream.toArray()).toEqual(letters);
      expect(await stream.toArray()).toEqual(letters);
      expect(requests.map(({ page, offset }) => [page, offset])).toEqual([
        [0, 0],
        [1, 3],
        [2, 5],
        [0, 0],
        [1, 3],
        [2, 5],
      ]);
    });

    test.each([
      [0, [1, 2, 3, 4, 5]],
      [1, [2, 3, 4, 5, 5]],
      [2, [3, 4, 5, 5, 5]],
      [9, [5, 5, 5, 5, 5]],
    ])('with a prefetch of %j is that many pages ahead of what is consumed', async (prefetch, expected) => {
      let underway = 0;
      let most = 0;
      const { fetchPage, requests } = api(async ({ page }) => {
        most = Math.max(most, ++underway);
        await idle();
        underway--;
        return page < 5 ? [page, page] : [];
      });
      const iterator = AsyncStream.paginate(fetchPage, { prefetch })[Symbol.asyncIterator]();
      const asked: number[] = [];
      for (let page = 1; page <= 5; page++) {
        for (const _element of ['first', 'second']) {
          await iterator.next();
          await pause(20);
        }
        asked.push(requests.length);
      }
      expect(asked).toEqual(expected);
      expect(most).toBe(1);
    });

    test('is no more than there is, with any prefetch', async () => {
      const { fetchPage, numbers } = api(({ page }) => (page < 4 ? [page] : []));
      expect(await AsyncStream.paginate(fetchPage, { prefetch: Number.MAX_SAFE_INTEGER }).toArray()).toEqual([1, 2, 3]);
      expect(numbers()).toEqual([1, 2, 3, 4]);
    });
  });

  describe('an error', () => {
    test.each(failures)('comes after the elements of the pages before it: fetchPage %s', async (_how, fail, error) => {
      for (const prefetch of [0, 2]) {
        const asked: number[] = [];
        const stream = AsyncStream.paginate<number>(
          ({ page }) => {
            asked.push(page);
            return page === 3 ? fail() : [page];
          },
          { prefetch },
        );
        expect(await seenOf(stream)).toStrictEqual({ seen: [1, 2], error });
        expect(asked).toEqual([1, 2, 3]);
      }
    });

    test('that was fetched ahead comes in its turn, and is not unhandled until then', async () => {
      const { fetchPage, asked, numbers } = slowApi();
      const iterator = AsyncStream.paginate(fetchPage, { prefetch: 2 })[Symbol.asyncIterator]();
      const first = iterator.next();
      await until(() => asked.length === 1);
      asked[0]!.answer([1]);
      expect(await first).toEqual({ done: false, value: 1 });
      await until(() => asked.length === 2);
      asked[1]!.fail('page');
      await idle();
      expect(await outcomeOf(() => iterator.next())).toEqual({ error: 'page' });
      expect(await iterator.next()).toEqual(DONE);
      expect(numbers()).toEqual([1, 2]);
    });

    test.each(['items', 'next', 'totalPages'])(
      'of %s is passed on as it is, and nothing more is asked for',
      async (name) => {
        for (const error of [new Error('wanted'), undefined, 0]) {
          const { fetchPage, numbers } = api(({ page }) => [page]);
          const fail = ([page]: number[]) => {
            if (page === 2) throw error;
            return name === 'items' ? [page!] : 9;
          };
          const stream = AsyncStream.paginate<number[], number, any>(fetchPage, { [name]: fail } as never);
          expect((await seenOf(stream)).error).toBe(error);
          expect(numbers()).toEqual([1, 2]);
        }
      },
    );
  });

  describe('where the consumer leaves', () => {
    test.each([0, 1, 2])('aborts the page in flight, and does not wait for it (prefetch %j)', async (prefetch) => {
      const { fetchPage, asked, numbers } = slowApi();
      const iterator = AsyncStream.paginate(fetchPage, { prefetch })[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => asked.length > 0);
      const { signal } = asked[0]!;
      expect(signal.aborted).toBe(false);
      expect(await turnsUntilSettled(iterator.return())).toBeLessThan(20);
      expect(await pending).toEqual(DONE);
      expect([signal.aborted, signal.reason.name]).toEqual([true, 'AbortError']);
      // Whether it heeds the signal or not.
      asked[0]!.answer([1]);
      await idle();
      expect(numbers()).toEqual([1]);
    });

    test('swallows what the aborted page fails with', async () => {
      const { fetchPage, asked } = slowApi();
      const iterator = AsyncStream.paginate(fetchPage)[Symbol.asyncIterator]();
      const pending = iterator.next();
      await until(() => asked.length > 0);
      const { signal, fail } = asked[0]!;
      signal.addEventListener('abort', () => fail(signal.reason));
      await iterator.return();
      await idle();
      expect(await pending).toEqual(DONE);
    });

    const ways: Record<string, (stream: AsyncStream<number>) => Promise<unknown>> = {
      take: (stream) => stream.take(1).toArray(),
      'a callback that throws': (stream) => outcomeOf(() => stream.forEach(() => Promise.reject(new Error('later')))),
      break: async (stream) => {
        for await (const _value of stream) break;
      },
      'take, and goes on with something else': (stream) => stream.take(1).concat([2]).toArray(),
    };

    test.each(Object.keys(ways))('aborts the page that is fetched ahead, and asks for no other: %s', async (way) => {
      const { fetchPage, asked, numbers } = slowApi();
      const left = ways[way]!(AsyncStream.paginate(fetchPage, { prefetch: 2 }));
      await until(() => asked.length > 0);
      asked[0]!.answer([1]);
      await left;
      expect(numbers()).toEqual([1, 2]);
      expect(asked[1]!.signal.aborted).toBe(true);
      asked[1]!.answer([2]);
      await idle();
      expect(numbers()).toEqual([1, 2]);
    });

    test('aborts nothing where the pages have come to their end, and the consumer leaves later', async () => {
      const { fetchPage, requests } = api(byOffset);
      const stream = AsyncStream.paginate(fetchPage, { size: 3, prefetch: 1 });
      expect(await stream.append('more', 'than', 'that').take(6).toArray()).toEqual([...letters, 'more']);
      expect(requests.map(({ offset, signal }) => [offset, signal.aborted])).toEqual([
        [0, false],
        [3, false],
        [5, false],
      ]);
    });
  });
});
