import { wrongKind } from '../core/arguments.ts';
import { pushReady } from './array.ts';
import { ignore } from '../core/promises.ts';
import type { Closable, Scope } from '../core/scope.ts';
import type { Sink } from '../core/sink.ts';
import { type Answer, Nested } from '../core/answer.ts';

type AnyIterator<T> = Iterator<T> | AsyncIterator<T>;

/** Of a sync iterator, the values are awaited that are promises, as `for await` does. */
export function feedIterator<T>(
  iterator: AnyIterator<T>,
  next: Sink<T>,
  scope: Scope,
  sync = false,
  awaits = sync,
): Answer {
  return new IteratorFeed(iterator, next, scope, sync, awaits).go(true);
}

class IteratorFeed<T> extends Nested implements Closable {
  readonly #iterator: AnyIterator<T>;
  /** Looked up once, as `for await` does. */
  readonly #advance: (this: unknown) => unknown;
  readonly #next: Sink<T>;
  readonly #scope: Scope;
  readonly #sync: boolean;
  readonly #awaits: boolean;
  /** It is the iterator's turn: an error that comes now is its own, and it is then not closed again. */
  #reading = false;
  #closed = false;

  constructor(iterator: AnyIterator<T>, next: Sink<T>, scope: Scope, sync: boolean, awaits: boolean) {
    super();
    this.#iterator = iterator;
    this.#advance = iterator.next as (this: unknown) => unknown;
    this.#next = next;
    this.#scope = scope;
    this.#sync = sync;
    this.#awaits = awaits;
    scope.add(this);
  }

  /** An async iterator is read here, and not before: keeping its promise until now would cost more than making it. */
  override wait(go?: (value: unknown) => void): unknown {
    if (this.inner !== undefined) return this.inner.wait(go);
    return this.#closed || this.#scope.over ? undefined : this.#read();
  }

  resume(value: unknown): Answer {
    const { inner } = this;
    return this.go(inner === undefined ? this.#push(value) : inner.resume(value));
  }

  /**
   * Goes on for as long as the sink wants more. Gets the answer to the last value, or undefined when there is no more.
   */
  go(answer: Answer | undefined): Answer {
    while (answer === true && !this.#closed) {
      if (!this.#sync) {
        this.inner = undefined;
        return this;
      }
      answer = this.#push(this.#read());
    }
    // Still true: closed meanwhile, by a callback that called `return()` of its own stream.
    return this.pass(answer === undefined || (answer !== true && answer));
  }

  #read(): unknown {
    this.#reading = true;
    return this.#advance.call(this.#iterator);
  }

  #push(result: unknown): Answer | undefined {
    if (typeof result !== 'object' || result === null) {
      this.#reading = false;
      throw notAnObject('next', result);
    }
    const { done } = result as IteratorResult<T>;
    // Not looked at when done.
    const value = done ? undefined : (result as { value: T }).value;
    this.#reading = false;
    if (!done) return this.#awaits ? pushReady(value as T, this.#next) : this.#next.push(value as T);
    this.#scope.remove(this);
    return undefined;
  }

  /**
   * Not in the middle of a value any more when it is closed in its turn, or not to be closed: it has ended or failed.
   */
  override late(value: unknown): void {
    if (this.inner !== undefined) return this.inner.late(value);
    this.#reading = false;
    if ((Object(value) as IteratorResult<unknown>).done) this.#scope.remove(this);
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
    if (typeof result !== 'object' || result === null) throw notAnObject('return', result);
  }
}

function notAnObject(method: string, result: unknown): TypeError {
  return wrongKind(`the result of an iterator's ${method}()`, 'an object', result);
}
