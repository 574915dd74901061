import { checkFunction } from '../../arguments.ts';
import { wrongKind } from '../../errors.ts';
import { placing, traced } from '../../engine/core/trace.ts';
import type { Context } from '../../types.ts';
import { Last } from '../../engine/core/sink.ts';
import { type Answer, whenReady } from '../../engine/core/answer.ts';

/** Collects the elements of one run. */
export interface Gathering<in T, out R> {
  /** Takes an element. Returns whether another one is wanted; `false` ends the run and closes the source. */
  push(value: T): boolean | PromiseLike<boolean>;
  /** Returns the result. Called once, after the last element. */
  result(): R | PromiseLike<R>;
}

/** Makes the state of one run: what `collect` takes, and what the exported built-in collectors are. */
export type Collector<in T, out R> = (context: Context) => Gathering<T, R>;

/** The last sink that a collector makes. A user may have written it, so its results are checked. */
export function lastOf<T, R>(collector: Collector<T, R>, context: Context): Last<T, R> {
  const gathering = collector(context);
  return gathering instanceof Last ? (gathering as Last<T, R>) : new Custom(gathering);
}

class Custom<T, R> extends Last<T, R> {
  readonly #gathering: Gathering<T, R>;
  readonly #push: (value: T) => boolean | PromiseLike<boolean>;
  #done = false;

  constructor(gathering: Gathering<T, R>) {
    super();
    const { push, result } = Object(gathering) as Partial<Gathering<T, R>>;
    // `sum` in place of `sum()`.
    if (typeof gathering === 'function')
      throw wrongKind('collect: collector', 'called, as in collectors.sum()', gathering);
    checkFunction('collect: push', push);
    checkFunction('collect: result', result);
    this.#gathering = gathering;
    this.#push = placing((value) => gathering.push(value), undefined);
  }

  push(value: T): Answer {
    return whenReady<boolean>(this.#push(value), this.#answer);
  }

  result(): R | PromiseLike<R> {
    return this.#gathering.result();
  }

  override done(): boolean {
    return this.#done;
  }

  /** A forgotten `return true` would else end the run at its first element, in silence. */
  readonly #answer = (wanted: boolean): boolean => {
    if (typeof wanted !== 'boolean')
      throw traced(wrongKind('collect: the result of push', 'a boolean', wanted), undefined);
    this.#done = !wanted;
    return wanted;
  };
}
