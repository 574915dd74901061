import { checkFunction, wrongKind } from '../engine/arguments.ts';
import { type Collector, lastOf } from '../engine/collector.ts';
import { last } from '../engine/sink.ts';
import { after, type Answer } from '../engine/suspension.ts';

type Collectors<T> = Readonly<Record<string, Collector<T, unknown>>>;

/** The results of collectors, each under its collector's name. */
export type Collected<C> = { -readonly [Name in keyof C]: C[Name] extends Collector<never, infer R> ? R : never };

/** What all of the collectors take. */
type Common<C> = {
  [Name in keyof C]: C[Name] extends Collector<infer T, unknown> ? (value: T) => void : never;
}[keyof C] extends (value: infer T) => void
  ? T
  : never;

/** What a collector makes of the elements, or several of them in one pass, each under its name. */
export function collect<T, R>(collector: Collector<T, R>): Collector<T, R>;
export function collect<T, C extends Collectors<T>>(collectors: C): Collector<T, Collected<C>>;
export function collect<C extends Collectors<never>>(collectors: C): Collector<Common<C>, Collected<C>>;
export function collect<T>(collectors: Collector<T, unknown> | Collectors<T>): Collector<T, unknown> {
  if (typeof collectors === 'function') return (context) => lastOf(collectors, context);
  if (typeof collectors !== 'object' || collectors === null) {
    throw wrongKind('collect: collector', 'a function or an object of functions', collectors);
  }
  const named = Object.entries(collectors);
  for (const [name, collector] of named) checkFunction(`collect: ${name}`, collector);
  return (context) => {
    const parts = named.map(([name, collector]) => ({ name, last: lastOf<T, unknown>(collector, context) }));
    const done = () => parts.every((part) => part.last.done());

    /** One after the other: what is named earlier may count on having seen the element first. */
    function pushFrom(index: number, value: T): Answer {
      for (let i = index; i < parts.length; i++) {
        const { push, done } = parts[i]!.last;
        const answer = done() || push(value);
        if (typeof answer === 'object') return after(answer, () => pushFrom(i + 1, value));
      }
      return !done();
    }

    return {
      ...last((value: T) => pushFrom(0, value), done),
      async result() {
        // Which makes a property of `__proto__` too.
        return Object.fromEntries(
          await Promise.all(parts.map(async ({ name, last }) => [name, await last.result()] as const)),
        );
      },
    };
  };
}
