import { checkInterval } from '../arguments.ts';
import { Producer } from '../engine/background/producer.ts';
import { Channel } from '../engine/background/channel.ts';
import { Part } from '../engine/core/part.ts';
import type { Source, Transform } from '../engine/core/source.ts';
import type { Scope } from '../engine/core/scope.ts';
import { Deadline } from './support/deadline.ts';

export function heartbeat<T, H>(milliseconds: number, value: H): Transform<T, T | H> {
  checkInterval('heartbeat: milliseconds', milliseconds);
  return {
    feed: (above, next, scope) =>
      new Part(scope).during((part) => {
        const beating = new Beating(above, part, milliseconds, value);
        beating.go();
        return beating.supply(next, scope);
      }),
  };
}

/** An element is read when the one before was consumed: the time from then on until it comes is the silence. */
class Beating<T, H> extends Channel<T | H> {
  readonly #milliseconds: number;
  readonly #producer: Producer<T>;
  readonly #silence: Deadline;
  #reading = false;
  /** A heartbeat waits. It is then the first of what waits, for none is put behind an element. */
  #beat = false;

  constructor(source: Source<T>, part: Scope, milliseconds: number, value: H) {
    super(0);
    this.#milliseconds = milliseconds;
    this.#producer = new Producer(source, part, this);
    this.#silence = new Deadline(part, () => {
      this.#beat = true;
      this.put(value, true);
    });
  }

  /** Another element is wanted. */
  go(): void {
    this.#reading = true;
    this.#producer.go();
    if (this.#reading) this.#silence.set(this.#milliseconds);
  }

  override receive(value: T, _: Producer<T>, waited: boolean): boolean {
    this.#silence.clear();
    this.#reading = this.put(value, waited);
    if (this.#reading) this.#silence.set(this.#milliseconds);
    else this.blocked.push(this);
    return this.#reading;
  }

  override take(): T | H {
    // Only now may another one come: at most one waits for a slow consumer.
    if (this.#beat && this.#reading) this.#silence.set(this.#milliseconds);
    this.#beat = false;
    return super.take();
  }
}
