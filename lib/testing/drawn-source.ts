import { type Moment } from './drawing.ts';

/**
 * A source whose elements arrive at the times of a drawing, whether they are pulled or not. The first pull starts it.
 * Elements that are not pulled yet are queued.
 */
export class DrawnSource implements AsyncIterable<string> {
  /** How many times it was started, and closed before its end. */
  opened = 0;
  closed = 0;
  readonly #faults: string[] = [];
  readonly #moments: readonly Moment[];
  readonly #step: number;
  readonly #failure: unknown;
  readonly #open = new Set<() => void>();

  constructor(moments: readonly Moment[], step: number, failure: unknown) {
    this.#moments = moments;
    this.#step = step;
    this.#failure = failure;
  }

  /** Uses that break the protocol of iterators. Empty if there were none, and every iterator is over. */
  faults(): string[] {
    return this.#open.size === 0 ? this.#faults : [...this.#faults, 'left open'];
  }

  /** Ends every open iterator. A generator stage that is parked at a source can only then be left. */
  end(): void {
    for (const end of this.#open) end();
  }

  [Symbol.asyncIterator](): AsyncIterator<string, undefined> {
    const arrived: (() => IteratorResult<string, undefined>)[] = [];
    let state: 'made' | 'open' | 'over' = 'made';
    let timers: ReturnType<typeof setTimeout>[] = [];
    let resolvePull: ((result: IteratorResult<string, undefined> | Promise<never>) => void) | undefined;

    const end = (): { done: true; value: undefined } => {
      this.#open.delete(endPull);
      state = 'over';
      for (const timer of timers) clearTimeout(timer);
      return { done: true, value: undefined };
    };
    const endPull = () => {
      resolvePull?.(end());
      resolvePull = undefined;
    };
    const fail = () => {
      end();
      throw this.#failure;
    };
    const answer = () => {
      if (resolvePull === undefined || arrived.length === 0) return;
      const resolve = resolvePull;
      resolvePull = undefined;
      // Settles as many microtasks later as a promise that an async function returns.
      resolve(new Promise((settle) => settle(arrived.shift()!() as never)));
    };
    const happen = ({ values, end: ending }: Moment) => {
      arrived.push(...values.map((value) => () => ({ done: false as const, value })));
      if (ending !== undefined) arrived.push(ending === '|' ? end : fail);
      answer();
    };
    const start = () => {
      state = 'open';
      this.opened++;
      this.#open.add(endPull);
      const [first, ...later] = this.#moments;
      if (first !== undefined) happen(first);
      timers = later.flatMap((moment, index) =>
        moment.values.length === 0 && moment.end === undefined
          ? []
          : [setTimeout(() => happen(moment), (index + 1) * this.#step)],
      );
    };

    return {
      next: () => {
        if (resolvePull !== undefined) this.#faults.push('next() while another one is pending');
        if (state === 'over') this.#faults.push('next() after the end');
        if (state === 'made') start();
        return new Promise((resolve) => {
          resolvePull = resolve;
          if (state === 'over') endPull();
          else answer();
        });
      },
      return: async () => {
        if (state === 'over') this.#faults.push('return() after the end');
        this.closed++;
        endPull();
        return end();
      },
    };
  }
}
