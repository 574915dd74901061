import { Combination, type Slot } from './combine.ts';

/** Each is asked again when its element was consumed: what comes first is given first. */
export abstract class Arrivals<T, R> extends Combination<T, R> {
  /**
   * One that has its elements at once lets those have their turn that have not: it would keep the consumer busy for ever.
   */
  protected override ask(slot: Slot<T>): void {
    if (slot.waited || this.pending === 0) return super.ask(slot);
    this.pending++;
    // Not `queueMicrotask`: it is among what fake timers stop.
    void Promise.resolve().then(() => {
      if (!this.closed) slot.go();
    });
  }
}
