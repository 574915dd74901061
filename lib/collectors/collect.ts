import { checkFunction, checkObject } from '../arguments.ts';
import { type Collector, lastOf } from './support/collector.ts';
import type { Context } from '../types.ts';
import { andThen } from '../engine/core/promises.ts';
import { Last } from '../engine/core/sink.ts';
import { after, type Answer, type Suspension } from '../engine/core/answer.ts';

/** Collectors by the names of their results. */
export type Collectors<T> = Readonly<Record<string, Collector<T, unknown>>>;

/** The results of collectors, each under its collector's name. */
export type Collected<C> = { -readonly [Name in keyof C]: C[Name] extends Collector<never, infer R> ? R : never };

/** The type of elements that all of the collectors take. */
type Common<C> = {
  [Name in keyof C]: C[Name] extends Collector<infer T, unknown> ? (value: T) => void : never;
}[keyof C] extends (value: infer T) => void
  ? T
  : never;

/** Returns the result of a collector, or those of several collectors in one pass, each under its name. */
export function collect<T, R>(collector: Collector<T, R>): Collector<T, R>;
/** Returns the results of collectors, each under its name. */
export function collect<T, C extends Collectors<T>>(collectors: C): Collector<T, Collected<C>>;
/** Returns the results of collectors, each under its name, for the elements that all of them take. */
export function collect<C extends Collectors<never>>(collectors: C): Collector<Common<C>, Collected<C>>;
export function collect<T>(collectors: Collector<T, unknown> | Collectors<T>): Collector<T, unknown> {
  if (typeof collectors === 'function') return (context) => lastOf(collectors, context);
  checkObject('collect: collector', collectors, 'a function or an object of functions');
  const named = Object.entries(collectors);
  for (const [name, collector] of named) checkFunction(`collect: ${name}`, collector);
  return (context) => new Collect(named, context);
}

type Results = Record<string, unknown>;

class Collect<T> extends Last<T, Results> {
  readonly #context: Context;
  readonly #parts: readonly { readonly name: string; readonly last: Last<T, unknown> }[];
  /** The collectors that want more. Asking all of them for each element would double the cost of a push. */
  readonly #wanting: Last<T, unknown>[];

  constructor(named: readonly (readonly [name: string, collector: Collector<T, unknown>])[], context: Context) {
    super();
    this.#context = context;
    this.#parts = named.map(([name, collector]) => ({ name, last: lastOf(collector, context) }));
    this.#wanting = this.#parts.map(({ last }) => last).filter((last) => !last.done());
  }

  push(value: T): Answer {
    return this.#pushFrom(0, value);
  }

  /** One after the other: a collector sees each element before the collectors named after it. */
  #pushFrom(index: number, value: T): Answer {
    const wanting = this.#wanting;
    for (let i = index; i < wanting.length; i++) {
      const answer = wanting[i]!.push(value);
      if (typeof answer === 'object') return this.#goOn(answer, i, value);
      if (!answer) wanting.splice(i--, 1);
    }
    return wanting.length > 0;
  }

  // In a function of its own: a closure in the loop would be allocated on each iteration.
  #goOn(answer: Suspension, index: number, value: T): Answer {
    return after(answer, (wanted) => {
      if (!wanted) this.#wanting.splice(index, 1);
      return this.#pushFrom(wanted ? index + 1 : index, value);
    });
  }

  override done(): boolean {
    return this.#wanting.length === 0;
  }

  /** One after the other, and no more of them once the run is over. */
  result(results: [name: string, result: unknown][] = []): Results | PromiseLike<Results> {
    const part = this.#parts[results.length];
    // Which makes a property of `__proto__` too.
    if (part === undefined) return Object.fromEntries(results);
    const goOn = (result: unknown) => {
      results.push([part.name, result]);
      return this.result(results);
    };
    return andThen(part.last.result(), goOn, this.#context);
  }
}
