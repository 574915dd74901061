import { checkFunction, wrongKind } from './arguments.ts';
import type { Context } from './scope.ts';
import { last, type Sink, yes } from './sink.ts';
import { whenReady } from './suspension.ts';

/** What becomes of a stream's elements in one run. */
export interface Gathering<in T, out R> {
  /** Takes an element. Answers whether another one is wanted; `false` ends the run and closes the source. */
  push(value: T): boolean | PromiseLike<boolean>;
  /** What has come of them, asked once, when no more elements come. */
  result(): R | PromiseLike<R>;
}

/** Makes the state of one run: what `collect` takes, and what the exported built-in collectors are. */
export type Collector<in T, out R> = (context: Context) => Gathering<T, R>;

/** The last sink of a run, and what comes of it. */
export type Last<T, R> = Sink<T> & Pick<Gathering<T, R>, 'result'>;

/** The last sink that a collector makes. Anybody may have written it, so what it gives is checked. */
export function lastOf<T, R>(collector: Collector<T, R>, context: Context): Last<T, R> {
  const gathering = collector(context);
  // Made by `fold`, and fit to be driven as it is.
  if ((gathering as Partial<Last<T, R>> | undefined)?.end === yes) return gathering as Last<T, R>;
  const { push, result } = Object(gathering) as Partial<Gathering<T, R>>;
  checkFunction('collect: push', push);
  checkFunction('collect: result', result);
  let done = false;

  function answer(wanted: boolean): boolean {
    // A forgotten `return true` would else end the run at its first element, in silence.
    if (typeof wanted !== 'boolean') throw wrongKind('collect: the answer of push', 'a boolean', wanted);
    done = !wanted;
    return wanted;
  }

  return {
    ...last(
      (value: T) => whenReady(gathering.push(value), answer),
      () => done,
    ),
    result: () => gathering.result(),
  };
}
