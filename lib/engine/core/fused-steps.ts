import { type Call, traced } from './trace.ts';
import type { Scope } from './scope.ts';
import type { Context } from '../../types.ts';
import { type Sink, type Stage, Through } from './sink.ts';
import { type Answer, Suspension } from './answer.ts';
import { isThenable } from './promises.ts';

/** How a step uses the result of its callback: as the new value, to keep or drop the value, or only to wait for it. */
type Use = 'map' | 'filter' | 'tap';

type Callback<In> = (value: In, index: number, context: Context) => unknown;

interface Step {
  readonly fn: Callback<unknown>;
  readonly maps: boolean;
  readonly filters: boolean;
  /** How many values a filter has let through: the index of the next one for the steps after it. */
  passed: number;
  readonly following: Step | undefined;
  readonly call: Call | undefined;
}

/**
 * A stage that emits at most one value for each, by a callback that `create` returns for each run.
 *
 * Steps that follow each other become one sink, which walks through them in a loop: half as many calls as one sink
 * after the other (`bench`, ten maps), and no deeper stack.
 */
export function step<In, Out = In>(use: Use, create: (scope: Scope) => Callback<In>): Stage<In, Out> {
  return (next, scope) => {
    const joined = next instanceof FusedSteps ? next : undefined;
    const first: Step = {
      fn: create(scope) as Callback<unknown>,
      maps: use === 'map',
      filters: use === 'filter',
      passed: 0,
      following: joined?.first,
      call: scope.call,
    };
    return new FusedSteps(first, joined?.next ?? next, scope.context);
  };
}

class FusedSteps extends Through<unknown, unknown> {
  readonly first: Step;
  readonly #context: Context;
  #waiting: Waiting | undefined;
  #count = 0;

  constructor(first: Step, next: Sink<unknown>, context: Context) {
    super(next);
    this.first = first;
    this.#context = context;
  }

  push(value: unknown): Answer {
    return this.walk(this.first, value, this.#count++);
  }

  walk(step: Step | undefined, value: unknown, index: number): Answer {
    const context = this.#context;
    try {
      for (; step !== undefined; step = step.following) {
        const { fn } = step;
        // Two calls, each with type feedback of its own: a predicate alone may then be inlined (`bench`, array).
        if (step.maps) {
          const result = fn(value, index, context);
          if (isThenable(result)) return this.#wait(result, step, value, index);
          value = result;
        } else {
          const result = fn(value, index, context);
          if (isThenable(result)) return this.#wait(result, step, value, index);
          if (step.filters) {
            if (!result) return true;
            index = step.passed++;
          }
        }
      }
    } catch (error) {
      throw traced(error, step!.call, index);
    }
    return this.next.push(value);
  }

  #wait(promise: PromiseLike<unknown>, step: Step, value: unknown, index: number): Answer {
    this.#waiting ??= new Waiting(this);
    return this.#waiting.for(promise, step, value, index);
  }
}

/** The one suspension of a walk: values come one at a time, so it is never needed twice at once. */
class Waiting extends Suspension {
  readonly #steps: FusedSteps;
  #promise: unknown;
  #step: Step | undefined;
  #value: unknown;
  #index = 0;

  constructor(steps: FusedSteps) {
    super();
    this.#steps = steps;
  }

  for(promise: PromiseLike<unknown>, step: Step, value: unknown, index: number): this {
    this.#promise = promise;
    this.#step = step;
    this.#value = value;
    this.#index = index;
    return this;
  }

  wait(): unknown {
    return this.#promise;
  }

  override reject(error: unknown): never {
    throw traced(error, this.#step!.call, this.#index);
  }

  resume(result: unknown): Answer {
    const step = this.#step!;
    const value = this.#value;
    this.#promise = this.#value = undefined;
    if (step.filters) return result ? this.#steps.walk(step.following, value, step.passed++) : true;
    return this.#steps.walk(step.following, step.maps ? result : value, this.#index);
  }
}
