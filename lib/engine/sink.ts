import type { Scope } from './scope.ts';
import type { Steps } from './step.ts';
import type { Answer } from './suspension.ts';

/** Takes values one at a time, answering each time whether it wants another. Its functions do not need `this`. */
export interface Sink<T> {
  /** Before the source is opened: what comes before the first value is pushed on from here. */
  readonly start: () => Answer;
  /** After it has answered false once, nothing more is pushed. */
  readonly push: (value: T) => Answer;
  /** No more is coming: flush. Once, also after an early stop; not after an error. */
  readonly end: () => Answer;
  /** Whether nothing more is wanted: asked before a source is opened, and before anything is flushed. */
  readonly done: () => boolean;
  /** What this sink does, where it is a row of steps that others can join. */
  readonly steps: Steps | undefined;
}

/** Puts itself in front of the next sink. Called once per run, so its variables are that run's state. */
export type Stage<In, Out> = (next: Sink<Out>, scope: Scope) => Sink<In>;

/** A sink in front of `next` that differs from it in what is given here. */
export function before<In>(next: Sink<never>, changes: Partial<Sink<In>> & Pick<Sink<In>, 'push'>): Sink<In> {
  return { ...(next as unknown as Sink<In>), steps: undefined, ...changes };
}

/** A sink after which nothing comes. */
export function last<T>(push: Sink<T>['push'], done: Sink<T>['done'] = no): Sink<T> {
  return { start: yes, push, end: yes, done, steps: undefined };
}

export const yes = () => true;
export const no = () => false;
