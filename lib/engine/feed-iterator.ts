import { describe } from './arguments.ts';
import { pushReady } from './feed-array.ts';
import type { Closable, Scope } from './scope.ts';
import type { Sink } from './sink.ts';
import { type Answer, ignore, isThenable, Nested } from './suspension.ts';

/** What `next()` gives: a result, a promise of one, or one or the other. */
export type Kind = 'sync' | 'async' | 'either';

export function feedIterator<T>(
  iterator: Iterator<T> | AsyncIterator<T>,
  next: Sink<T>,
  scope: Scope,
  kind: Kind,
): Answer {
  return new IteratorFeed(iterator, next, scope, kind).go(true);
}

class IteratorFeed<T> extends Nested implements Closable {
  readonly #iterator: Iterator<T> | AsyncIterator<T>;
  /** Looked up once, as `for await` does. */
  readonly #advance: (this: unknown) => unknown;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #kind: Kind;
  /** It is the iterator's turn: an error that comes now is its own, and it is then not closed again. */
  #reading = false;
  /** A promise that `next()` gave where it was not known whether it would. */
  #result: unknown;
  #closed = false;

  constructor(iterator: Iterator<T> | AsyncIterator<T>, next: Sink<T>, scope: Scope, kind: Kind) {
    super();
    this.#iterator = iterator;
    this.#advance = iterator.next as (this: unknown) => unknown;
    this.#next = next;
    this.#scope = scope;
    this.#kind = kind;
    scope.add(this);
  }

  override wait(): unknown {
    if (this.inner !== undefined) return this.inner.wait();
    return this.#kind === 'async' ? this.#read() : this.#result;
  }

  resume(value: unknown): Answer {
    const { inner } = this;
    return this.go(inner === undefined ? this.#push(value as IteratorResult<T>) : inner.resume(value));
  }

  /** Goes on for as long as the sink wants more. Gets the answer to the last value, or undefined when there is no more. */
  go(answer: Answer | undefined): Answer {
    while (answer === true && !this.#closed) {
      if (this.#kind === 'async') {
        // Read when the driver asks what to wait for: keeping the promise here would cost more than making it.
        this.inner = undefined;
        return this;
      }
      const result = this.#read();
      if (this.#kind === 'either' && isThenable(result)) {
        this.inner = undefined;
        this.#result = result;
        return this;
      }
      answer = this.#push(result as IteratorResult<T>);
    }
    // Still true: closed meanwhile, by a callback that called `return()` of its own stream.
    return this.pass(answer === undefined ? true : answer === true ? false : answer);
  }

  #read(): unknown {
    this.#reading = true;
    return this.#advance.call(this.#iterator);
  }

  #push(result: IteratorResult<T>): Answer | undefined {
    if (typeof result !== 'object' || result === null) {
      this.#reading = false;
      throw new TypeError(`next() of an iterator must give an object, got ${describe(result)}`);
    }
    if (result.done) {
      this.#reading = false;
      this.#scope.remove(this);
      return undefined;
    }
    const { value } = result;
    this.#reading = false;
    return this.#kind === 'sync' ? pushReady(value, this.#next) : this.#next.push(value);
  }

  close(failed: boolean): unknown {
    this.#closed = true;
    if (!this.#reading) return this.#return();
    // In the middle of producing a value, which may never come: told to close, and not waited for.
    if (!failed) this.#return().catch(ignore);
    return undefined;
  }

  async #return(): Promise<void> {
    const close = this.#iterator.return as ((this: unknown) => unknown) | null | undefined;
    if (close == null) return;
    const result = await close.call(this.#iterator);
    if (typeof result !== 'object' || result === null) {
      throw new TypeError(`return() of an iterator must give an object, got ${describe(result)}`);
    }
  }
}
