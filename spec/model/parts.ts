// Sources and callbacks of random chains. Each is described by plain data, and built twice: for the library and the model.
import fc from 'fast-check';
import { idle } from '../support/turns.ts';

/** How something answers. */
export type Mode = 'now' | 'promise' | 'later' | 'turn' | 'thenable';
const modes = fc.constantFrom<Mode>('now', 'promise', 'later', 'turn', 'thenable');

/** Errors may be any value. */
const ERRORS = ['an error', undefined, null, 0, false, '', Number.NaN];
const errors = fc.nat(ERRORS.length - 1);

export interface CallbackSpec {
  readonly mode: Mode;
  /** Fails for one in `fails` elements; never, if 0. */
  readonly fails: number;
  readonly error: number;
}

export const callbackSpecs: fc.Arbitrary<CallbackSpec> = fc.record({
  mode: modes,
  fails: fc.constantFrom(0, 0, 0, 0, 2, 5),
  error: errors,
});

export interface SourceSpec {
  readonly kind: 'array' | 'sync' | 'sync generator' | 'async' | 'async generator' | 'bare';
  readonly elements: readonly number[];
  readonly mode: Mode;
  /** Fails in place of this element. */
  readonly failAt: number;
  /** In how many runs it fails. */
  readonly failRuns: number;
  readonly error: number;
  /** Never settles in place of this element. */
  readonly stuckAt: number;
}

export const VALUES = [0, 1, 2, 3, 'a', '', null, undefined, false, Number.NaN, [1], { a: 1 }];

const sourceParts = {
  kind: fc.constantFrom<SourceSpec['kind']>('array', 'sync', 'sync generator', 'async', 'async generator', 'bare'),
  elements: fc.array(fc.nat(VALUES.length - 1), { maxLength: 8 }),
  mode: modes,
  failAt: fc.constantFrom(-1, -1, 0, 1, 2, 3, 5),
  failRuns: fc.constantFrom(1, 2, Infinity),
  error: errors,
  stuckAt: fc.constant(-1),
};
export const sourceSpecs: fc.Arbitrary<SourceSpec> = fc.record(sourceParts);
/** A generator that is stuck cannot be closed by anybody. */
export const stuckSpecs: fc.Arbitrary<SourceSpec> = fc.record({
  ...sourceParts,
  kind: fc.constantFrom<SourceSpec['kind']>('sync', 'sync generator', 'async', 'bare'),
  stuckAt: fc.constantFrom(-1, 0, 2, 4),
});

/** What a run did, in order, and what no source should have to put up with. */
export class Recorder {
  readonly log: string[] = [];
  readonly faults: string[] = [];
  /** Iterators that are neither exhausted nor closed. */
  open = 0;
  /** Calls of `return()` that are pending. */
  closing = 0;

  note(step: string): void {
    this.log.push(step);
  }
}

export function show(value: any): string {
  if (Array.isArray(value)) return `[${value.map(show).join()}]`;
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

export function hash(value: unknown): number {
  let sum = 7;
  for (const character of show(value)) sum = (sum * 31 + character.charCodeAt(0)) % 1009;
  return sum;
}

/** A value as the mode has it: as it is, as a promise that takes some time, or as a thenable that calls back at once. */
export function answer(mode: Mode, make: () => unknown): any {
  switch (mode) {
    case 'now':
      return make();
    case 'promise':
      return (async () => make())();
    case 'later':
      return (async () => {
        await undefined;
        await undefined;
        return make();
      })();
    case 'turn':
      return idle().then(make);
    case 'thenable':
      return {
        then(resolve: (value: unknown) => void, reject: (error: unknown) => void) {
          let value: unknown;
          try {
            value = make();
          } catch (error) {
            return reject(error);
          }
          resolve(value);
        },
      };
  }
}

/** A callback that is recorded, and computes its result from the element alone. */
export function callback(
  { mode, fails, error }: CallbackSpec,
  name: string,
  record: Recorder,
  compute: (value: any, index: number) => unknown,
): (value: any, index?: any) => any {
  return (value, index = 0) => {
    record.note(`${name} ${show(value)}`);
    return answer(mode, () => {
      if (fails > 0 && hash(value) % fails === 0) throw ERRORS[error];
      return compute(value, typeof index === 'number' ? index : 0);
    });
  };
}

/** A function that opens the source anew for each run. */
export function source(spec: SourceSpec, name: string, record: Recorder): () => any {
  const { kind, elements, mode, failAt, failRuns, error, stuckAt } = spec;
  let runs = 0;

  /** One iterator, of which everything is recorded. */
  function iterator(sync: boolean): any {
    const run = ++runs;
    let [index, reading, over, begun, last] = [0, false, false, false, false];
    const fault = (what: string) => record.faults.push(`${name}: ${what}`);
    const end = () => {
      if (over) return;
      over = true;
      // An iterator may be closed before its first `next()`: the run was left in between.
      if (begun) record.open--;
    };
    const step = (): IteratorResult<unknown> => {
      reading = false;
      last = true;
      if (index === failAt && run <= failRuns) throw ERRORS[error];
      if (index >= elements.length) return { done: true, value: undefined };
      last = false;
      return { done: false, value: VALUES[elements[index++]!] };
    };
    /** Right before the consumer gets to know of an end: until then, it may close the iterator. */
    const told = () => {
      if (last) end();
    };
    return {
      next() {
        if (!begun) record.open++;
        begun = true;
        record.note(`${name} next`);
        if (reading) fault('next() while another one is pending');
        if (over) fault('next() after its end');
        reading = true;
        if (index === stuckAt) {
          const never = new Promise(() => undefined);
          return sync ? { done: false, value: never } : never;
        }
        if (sync) {
          try {
            return step();
          } finally {
            told();
          }
        }
        const result = Promise.resolve(answer(mode === 'now' ? 'promise' : mode, step));
        result.then(told, told);
        return result;
      },
      return() {
        record.note(`${name} close`);
        if (over) fault('return() after its end');
        end();
        const result = { done: true, value: undefined };
        if (sync) return result;
        record.closing++;
        return answer(mode === 'thenable' ? 'promise' : mode, () => {
          record.closing--;
          return result;
        });
      },
    };
  }

  return () => {
    const { length } = elements;
    const fails = failAt >= 0 && failAt <= length;
    if (kind === 'array' && !fails && stuckAt < 0) return elements.map((element) => VALUES[element]);
    if (kind === 'sync' || kind === 'array') return { [Symbol.iterator]: () => iterator(true) };
    if (kind === 'bare' || kind === 'async') return { [Symbol.asyncIterator]: () => iterator(false) };
    const inner = iterator(kind === 'sync generator');
    if (kind === 'sync generator') {
      return (function* () {
        for (const value of { [Symbol.iterator]: () => inner }) yield value;
      })();
    }
    return (async function* () {
      for await (const value of { [Symbol.asyncIterator]: () => inner }) yield value;
    })();
  };
}
