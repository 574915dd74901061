import type { Call } from '../engine/core/trace.ts';
import { checkFunction } from '../arguments.ts';
import { type Buffering, bufferingOf } from '../buffering.ts';
import { Decider } from './support/decider.ts';
import { Multicast, type Subscriber } from '../engine/sharing/multicast.ts';
import { once } from '../once.ts';
import type { Source } from '../engine/core/source.ts';
import type { Scope } from '../engine/core/scope.ts';
import type { Sink } from '../engine/core/sink.ts';
import type { Answer } from '../engine/core/answer.ts';
import type { Fn } from '../types.ts';

export function partition<T>(
  source: Source<T>,
  guard: Fn<T, unknown>,
  call: Call,
  options: Buffering = {},
): [Source<T>, Source<T>] {
  checkFunction('partition: guard', guard);
  const buffering = bufferingOf('partition', options);
  const link = (last: Sink<T>, scope: Scope) => {
    scope.linkAt(call);
    return new Sorting(last, scope, guard, multicast, sides);
  };
  const multicast: Multicast<T> = new Multicast<T>({ source, link }, buffering);
  const sides = [multicast.join(), multicast.join()] as const;
  const side = (index: 0 | 1) => once(sides[index], source, 'a side of partition()', 'tee() it');
  return [side(0), side(1)];
}

class Sorting<T> extends Decider<T, unknown> {
  readonly #multicast: Multicast<T>;
  readonly #sides: readonly Subscriber<T>[];

  constructor(
    next: Sink<T>,
    scope: Scope,
    guard: Fn<T, unknown>,
    multicast: Multicast<T>,
    sides: readonly Subscriber<T>[],
  ) {
    super(next, scope, guard);
    this.#multicast = multicast;
    this.#sides = sides;
  }

  protected override decide(value: T, matches: unknown): Answer {
    return this.#multicast.give(value, [this.#sides[matches ? 0 : 1]!]);
  }
}
