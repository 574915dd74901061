import { checkFunction } from '../engine/arguments.ts';
import { Decider } from '../engine/decider.ts';
import type { Stage } from '../engine/sink.ts';
import type { Answer } from '../engine/suspension.ts';
import type { Fn } from '../types.ts';

export function dropWhile<T>(predicate: Fn<T, unknown>): Stage<T, T> {
  checkFunction('dropWhile: predicate', predicate);
  return (next, scope) => new DropWhile(next, scope, predicate);
}

class DropWhile<T> extends Decider<T, unknown> {
  #dropping = true;

  override push(value: T): Answer {
    return this.#dropping ? super.push(value) : this.next.push(value);
  }

  decide(value: T, holds: unknown): Answer {
    if (holds) return true;
    this.#dropping = false;
    return this.next.push(value);
  }
}
