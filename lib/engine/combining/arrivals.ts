import { Combination, type Slot } from './combinator.ts';
import { goLater } from '../time/later.ts';

/** Each is asked again when its element was consumed: what comes first is given first. */
export abstract class Arrivals<T, R> extends Combination<T, R> {
  /**
   * One that has its elements at once lets those have their turn that have not: it would keep the consumer busy for
   * ever.
   */
  protected override ask(slot: Slot<T>): void {
    const others = this.pending++;
    if (slot.waited || others === 0) slot.go();
    else goLater(slot);
  }
}
