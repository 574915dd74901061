import {
  checkBoolean,
  checkCount,
  checkFunction,
  checkObject,
  checkOptionalFunction,
  wrongKind,
} from '../engine/arguments.ts';
import type { Context } from '../engine/scope.ts';
import { ignore } from '../engine/suspension.ts';

/** Which page is asked for: each way of counting, for the API at hand to choose from. */
export interface PageRequest<C> {
  /** Number of the page: `firstPage` for the first one, and one more each time. */
  readonly page: number;
  /** How many elements came before this page. */
  readonly offset: number;
  /** The `size` of the options: how many elements are asked for. */
  readonly size: number;
  /**
   * What `next` answered to the page before; for the first page the `cursor` of the options. The compiler takes it for a
   * string, unless that option or a type on the parameter, `PageRequest<number>`, says otherwise.
   */
  readonly cursor: C | undefined;
  /** Aborts when the page is no longer wanted. */
  readonly signal: AbortSignal;
}

export interface PaginateOptions<P, T, C> {
  /** The elements of a page. Default: the page itself, which must then be an array. */
  readonly items?: (page: P) => readonly T[];
  /** The cursor of the page that follows; null or undefined after the last one. `0` and `''` are cursors. */
  readonly next?: (page: P) => C | null | undefined;
  /** How many pages there are, where that is known or said in each page. */
  readonly totalPages?: number | ((page: P) => number);
  /** How many elements a page is to have: handed on in the request. Default 100. */
  readonly size?: number;
  /** Number of the first page. Default 1. */
  readonly firstPage?: number;
  /** The cursor to begin with. */
  readonly cursor?: C;
  /** A page with fewer than `size` elements is the last one: saves the last request. Needs a `size`. Default false. */
  readonly stopOnShortPage?: boolean;
  /** How many pages are fetched ahead while the elements of one are consumed; requests never overlap. Default 0. */
  readonly prefetch?: number;
  /** Gives the pages as they came, and not their elements. Default false. */
  readonly pages?: boolean;
}

/** A page and its elements. */
export interface Page<P, T> {
  readonly page: P;
  readonly items: readonly T[];
}

const DEFAULT_SIZE = 100;

type FetchPage<P, C> = (request: PageRequest<C>) => P | PromiseLike<P>;

export function paginate<P, T, C>(
  fetchPage: FetchPage<P, C>,
  options: PaginateOptions<P, T, C> = {},
): (context: Context) => AsyncIterable<Page<P, T>> {
  checkFunction('paginate: fetchPage', fetchPage);
  checkOptions(options);
  return (context) => fetchAhead(fetchPage, options, context);
}

/** Each request waits for the page before, which says whether and where it goes on. */
async function* fetchAhead<P, T, C>(
  fetchPage: FetchPage<P, C>,
  options: PaginateOptions<P, T, C>,
  { signal }: Context,
): AsyncGenerator<Page<P, T>, undefined> {
  const { size = DEFAULT_SIZE, cursor, firstPage = 1, prefetch = 0 } = options;
  // Of its own, for what is fetched ahead: this source can be closed while its run goes on with another one.
  const controller = new AbortController();
  const abort = () => controller.abort(signal.reason);
  signal.addEventListener('abort', abort);

  let request: PageRequest<C> | undefined = {
    page: firstPage,
    offset: 0,
    size: size!,
    cursor,
    signal: controller.signal,
  };
  const fetchNext = async (): Promise<Page<P, T> | undefined> => {
    if (request === undefined) return undefined;
    const page = await fetchPage(request);
    const fetched = { page, items: itemsOf(page, options.items) };
    request = following(fetched, request, options);
    // The empty page that only says that there are no more is no page of the stream.
    return request === undefined && isEnd(fetched, options) ? undefined : fetched;
  };

  const ahead: Promise<Page<P, T> | undefined>[] = [];
  let latest: Promise<Page<P, T> | undefined> = Promise.resolve(undefined);
  try {
    for (;;) {
      while (ahead.length <= prefetch) {
        latest = latest.then(fetchNext);
        latest.catch(ignore);
        ahead.push(latest);
      }
      const fetched = await ahead.shift();
      if (fetched === undefined) return;
      yield fetched;
    }
  } finally {
    signal.removeEventListener('abort', abort);
    if (request !== undefined) controller.abort();
  }
}

/** The request after this page, or none. */
function following<P, T, C>(
  fetched: Page<P, T>,
  request: PageRequest<C>,
  options: PaginateOptions<P, T, C>,
): PageRequest<C> | undefined {
  const { next, totalPages, firstPage = 1, size = DEFAULT_SIZE, stopOnShortPage = false } = options;
  const { page, items } = fetched;
  const number = request.page + 1;
  const cursor = next?.(page);
  if (next !== undefined) {
    if (cursor == null) return undefined;
  } else if (totalPages !== undefined) {
    const total = typeof totalPages === 'function' ? totalPages(page) : totalPages;
    if (number - firstPage >= total) return undefined;
  } else if (isEnd(fetched, options)) return undefined;
  if (stopOnShortPage && items.length < size) return undefined;
  return { ...request, page: number, offset: request.offset + items.length, cursor: cursor ?? undefined };
}

/** An empty page, where nothing else says how far it goes. */
function isEnd<P, T, C>({ items }: Page<P, T>, { next, totalPages }: PaginateOptions<P, T, C>): boolean {
  return items.length === 0 && next === undefined && totalPages === undefined;
}

function itemsOf<P, T>(page: P, items: ((page: P) => readonly T[]) | undefined): readonly T[] {
  const elements: unknown = items === undefined ? page : items(page);
  if (Array.isArray(elements)) return elements as readonly T[];
  throw wrongKind(items === undefined ? 'paginate: a page' : 'paginate: the result of items', 'an array', elements);
}

function checkOptions<P, T, C>(options: PaginateOptions<P, T, C>): void {
  checkObject('paginate: options', options);
  const { items, next, totalPages, size, firstPage = 1, prefetch = 0, stopOnShortPage, pages } = options;
  checkOptionalFunction('paginate: items', items);
  checkOptionalFunction('paginate: next', next);
  if (typeof totalPages !== 'function' && totalPages !== undefined) checkCount('paginate: totalPages', totalPages);
  if (size !== undefined || stopOnShortPage === true) checkCount('paginate: size', size, { min: 1 });
  checkCount('paginate: firstPage', firstPage);
  checkCount('paginate: prefetch', prefetch);
  checkBoolean('paginate: stopOnShortPage', stopOnShortPage);
  checkBoolean('paginate: pages', pages);
}
