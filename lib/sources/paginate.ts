import {
  checkAmount,
  checkBoolean,
  checkCount,
  checkFunction,
  checkNoPromise,
  type Checks,
  countFrom,
  optionsOf,
} from '../arguments.ts';
import { describe, wrongKind } from '../errors.ts';
import { andThen, ignore } from '../engine/core/promises.ts';
import { Part } from '../engine/core/part.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Source } from '../engine/core/source.ts';
import { untilClosed } from '../engine/core/tether.ts';
import type { Signal } from '../types.ts';
import { unfold, type Unfolded } from './unfold.ts';

/** Which page is asked for: each way of counting, for the API at hand to choose from. */
export interface PageRequest<C> {
  /** Number of the page: `firstPage` for the first one, and one more each time. */
  readonly page: number;
  /** How many elements came before this page. */
  readonly offset: number;
  /** The `size` of the options: how many elements are asked for. */
  readonly size: number;
  /**
   * The cursor that `next` returned for the page before; for the first page the `cursor` of the options. The compiler
   * takes it for a string, unless that option or a type on the parameter, `PageRequest<number>`, says otherwise.
   */
  readonly cursor: C | undefined;
  /** Aborts when the page is no longer wanted. */
  readonly signal: Signal;
}

/** The options of {@link AsyncStream.paginate | paginate}. */
export interface PaginateOptions<P, T, C> {
  /** The elements of a page. Default: the page itself, which must then be an array. */
  readonly items?: ((page: P) => readonly (T | PromiseLike<T>)[]) | undefined;
  /**
   * Returns the cursor of the next page from a page and its request; null or undefined after the last one. `0` and `''`
   * are cursors. Default: none; `totalPages` or an empty page decides which page is the last.
   */
  readonly next?: ((page: P, request: PageRequest<C>) => C | null | undefined) | undefined;
  /** How many pages there are, or a function that returns it for a page. Not used beside `next`. Default: not known. */
  readonly totalPages?: number | ((page: P) => number) | undefined;
  /** How many elements a page should have: passed on in the request. Default 100. */
  readonly size?: number | undefined;
  /** Number of the first page. Default 1. */
  readonly firstPage?: number | undefined;
  /** The cursor of the first request. Default undefined. */
  readonly cursor?: C | undefined;
  /** A page with fewer than `size` elements is the last one: saves the last request. Needs a `size`. Default false. */
  readonly stopOnShortPage?: boolean | undefined;
  /** How many pages are fetched ahead while the elements of one are consumed; requests never overlap. Default 0. */
  readonly prefetch?: number | undefined;
  /** Emits whole pages in place of their elements. Default false. */
  readonly pages?: boolean | undefined;
}

/**
 * The type that `paginate` returns for pages that are not arrays, if no option says how to read one: pass `items`, a
 * function that returns the elements of a page, or `pages: true`.
 */
export interface ItemsNeeded<P> {
  /** The option that is missing: returns the elements of a page. */
  readonly items: (page: P) => readonly unknown[];
}

const CHECKS: Checks<PaginateOptions<unknown, unknown, unknown>> = {
  items: checkFunction,
  next: checkFunction,
  totalPages(name, value) {
    if (typeof value !== 'function') checkCount(name, value);
  },
  size: countFrom(1),
  firstPage: checkCount,
  cursor: ignore,
  stopOnShortPage: checkBoolean,
  prefetch: checkCount,
  pages: checkBoolean,
};

/** A page and its elements. */
interface Page<P, T> {
  readonly page: P;
  readonly items: readonly (T | PromiseLike<T>)[];
}

/** The page whose turn it is, and the cursor of the page before it. */
interface Turn<C> {
  readonly position: Omit<PageRequest<C>, 'signal'>;
  readonly last: C | undefined;
}

type Fetched<P, T, C> = Unfolded<Page<P, T>, Turn<C> | undefined>;

export function paginate<P, T, C>(
  fetchPage: (request: PageRequest<C>) => P | PromiseLike<P>,
  options?: PaginateOptions<P, T, C>,
): Source<Page<P, T>> {
  checkFunction('paginate: fetchPage', fetchPage);
  const {
    items,
    next,
    totalPages,
    size = 100,
    cursor,
    firstPage = 1,
    stopOnShortPage = false,
    pages,
    // Without a size, no page is short.
  } = optionsOf('paginate', options, CHECKS, ...(options?.stopOnShortPage ? ['size'] : []));

  const first = { position: { page: firstPage, offset: 0, size, cursor }, last: undefined };
  const seed: Turn<C> | undefined = totalPages === 0 && next === undefined ? undefined : first;
  return {
    discard: ignore,
    // In a part: this source may be left, and its last request be aborted, while its run continues with another one.
    feed: (sink, scope) =>
      new Part(scope).during((part) => unfold(seed, (turn) => turn && fetchNext(turn, part)).feed(sink, part)),
  };

  function fetchNext({ position, last }: Turn<C>, part: Scope): Fetched<P, T, C> | PromiseLike<Fetched<P, T, C>> {
    const { cursor: wanted } = position;
    if (wanted !== undefined && Object.is(wanted, last)) {
      throw new RangeError(`paginate: next has returned the cursor ${describe(wanted)} twice in a row`);
    }
    const request = { ...position, signal: part.signal };
    return andThen(untilClosed(fetchPage(request), part), (page) => read(page, request), part.context);
  }

  /** Each page decides whether there is a next one, and its cursor. */
  function read(page: P, request: PageRequest<C>): Fetched<P, T, C> {
    const elements: unknown = items === undefined ? page : items(page);
    const total = typeof totalPages === 'function' ? totalPages(page) : totalPages;
    if (total !== undefined) checkAmount('paginate: the result of totalPages', total);
    const following = checkNoPromise('paginate: the result of next', next?.(page, request)) ?? undefined;
    const counts = !pages || items !== undefined || stopOnShortPage || (next === undefined && total === undefined);
    if (counts && !Array.isArray(elements)) {
      throw wrongKind('paginate: the items of a page', 'an array', elements, items ? '' : 'pass the option items');
    }
    const length = Array.isArray(elements) ? elements.length : size;
    const number = request.page + 1;
    const more = next ? following !== undefined : total === undefined ? length > 0 : number - firstPage < total;
    // The empty page that only says that there are no more is no page of the stream.
    if (!more && next === undefined && total === undefined) return undefined;
    const position = { page: number, offset: request.offset + length, size, cursor: following };
    const ends = !more || (stopOnShortPage && length < size);
    return [{ page, items: elements as T[] }, ends ? undefined : { position, last: request.cursor }];
  }
}
