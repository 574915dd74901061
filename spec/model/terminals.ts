// Random chains that end in each terminal, and in several collectors at once, each with a model: plain, one element at a time.
import fc from 'fast-check';
import { type Collector, collectors, limiter } from '../../lib/index.ts';
import { idle } from '../support/turns.ts';
import * as chain from './chain.ts';
import { type Args, Build, type Stream } from './operators.ts';
import { answer, callbackSpecs, hash, Recorder, show, sourceSpecs, stuckSpecs, VALUES } from './parts.ts';
import { type ReadingName, readingOf, readings } from './readings.ts';

/** Takes the elements of a run: `wants` says whether there is more to take. */
interface Taking {
  readonly wants?: () => boolean;
  readonly take: (value: any, index: number) => unknown;
  readonly result?: () => unknown;
}

interface Terminal {
  /** The arguments before the options. */
  readonly args?: (build: Build) => readonly unknown[];
  /** How many arguments come before the options. Without it, there are no options. */
  readonly options?: number;
  readonly ownOptions?: (build: Build) => Record<string, unknown>;
  /** In place of a method. */
  readonly lib?: (stream: Stream, build: Build, signal?: AbortSignal) => Promise<unknown>;
  /** It goes on while elements are being taken. */
  readonly ahead?: true;
  /** What the elements are changed into before. */
  readonly of?: 'numbers' | 'pairs';
  readonly model: (build: Build) => Taking;
}

/** An error of the library: which, and not how it is worded. */
class Thrown extends Error {
  constructor(name: string) {
    super();
    this.name = name;
  }
}

// -------------------------------------------------------------------------------------------------------------- models

/** A variable that a model keeps. */
const folding = <S>(state: S, take: (state: S, value: any, index: number) => S | Promise<S>): Taking => ({
  async take(value, index) {
    state = await take(state, value, index);
  },
  result: () => state,
});

/** Until the predicate says what is looked for. */
function searching(
  holds: (value: any, index: number) => unknown,
  found: (value: any, index: number) => unknown,
  none: unknown,
  wanted = true,
): Taking {
  let hit: { readonly value: unknown } | undefined;
  return {
    wants: () => hit === undefined,
    async take(value, index) {
      if (Boolean(await holds(value, index)) === wanted) hit = { value: found(value, index) };
    },
    result: () => (hit === undefined ? none : hit.value),
  };
}

const always = () => true;
const itself = (value: any) => value;
const parity = (value: unknown) => hash(value) % 2;
/** Of few, and of keys that a plain object has already. */
const KEYS = ['a', '__proto__', 'constructor', 1, 'b'];
const keyOf = (value: unknown) => KEYS[hash(value) % KEYS.length];
const byHash = (a: unknown, b: unknown) => hash(a) - hash(b);
/** A key that may have no order. */
export const rank = (value: unknown) => (hash(value) % 7 === 0 ? Number.NaN : hash(value) % 5);

/** The callbacks of `toMap` and `toObject`, some of which are not given. They are called in this order. */
function storing(build: Build) {
  const fn = build.fn(([what, ...given]: [string, ...unknown[]]) =>
    what === 'key' ? keyOf(given[0]) : what === 'value' ? hash(given[0]) : given,
  );
  const { count } = build.args;
  return {
    key: (value: unknown) => fn(['key', value]),
    value: count % 2 > 0 ? (value: unknown) => fn(['value', value]) : undefined,
    merge: count > 1 ? (one: unknown, other: unknown, key: unknown) => fn(['merge', one, other, key]) : undefined,
  };
}

const storingArguments: Pick<Terminal, 'args' | 'options' | 'ownOptions'> = {
  args(build) {
    const { key, value } = storing(build);
    return [key, value];
  },
  options: 2,
  ownOptions: (build) => ({ merge: storing(build).merge }),
};

function stored(build: Build, pairs: boolean): Taking {
  const { key, value, merge } = storing(build);
  return folding(new Map<unknown, unknown>(), async (map, element) => {
    if (pairs && !Array.isArray(element)) throw new Thrown('TypeError');
    const k = pairs ? element[0] : await key(element);
    const v = pairs ? element[1] : value === undefined ? element : await value(element);
    return map.set(k, merge === undefined || !map.has(k) ? v : await merge(map.get(k), v, k));
  });
}

/** The keys of an object are strings. Its numbers come first. */
const asObject = ({ take, result }: Taking): Taking => ({
  take,
  result: () => Object.assign(Object.create(null), Object.fromEntries(result!() as Map<string, unknown>)),
});

/** The model of an extreme: an element without an order wins, and otherwise the first of equal ones. */
const extreme = (sign: number, keyed: (value: any, index: number) => unknown): Taking => {
  let best: { value: unknown; key: any } | undefined;
  return {
    async take(value, index) {
      const key: any = await keyed(value, index);
      if (best === undefined) best = { value, key };
      else if (!Number.isNaN(best.key) && (Number.isNaN(key) || (key - best.key) * sign > 0)) best = { value, key };
    },
    result: () => best?.value,
  };
};

const gathered = (finish: (all: any[]) => unknown): Taking => {
  const all: unknown[] = [];
  return { take: (value) => all.push(value), result: () => finish(all) };
};

const adding = (finish: (total: number, count: number) => unknown): Taking => {
  let [total, count] = [0, 0];
  return {
    take(value: unknown) {
      if (typeof value !== 'number') throw new Thrown('TypeError');
      total += value;
      count++;
    },
    result: () => finish(total, count),
  };
};

const strings = (value: any) => (value === null || value === undefined ? '' : String(value));

/** The greatest first; of equal ones, and of those without an order, the first first. */
const greatest = (all: any[], count: number, key: (value: any) => number) =>
  all
    .map((value, index) => ({ value, index, key: key(value) }))
    .sort((a, b) => {
      const [lost, won] = [Number.isNaN(a.key), Number.isNaN(b.key)];
      return Number(won) - Number(lost) || (lost ? 0 : b.key - a.key) || a.index - b.index;
    })
    .slice(0, count)
    .map(({ value }) => value);

const limitOf = ({ args: { flag, count } }: Build) => (flag ? count : Infinity);

/** The index in question, of either sign. */
const indexOf = ({ args: { flag, count } }: Build) => (flag ? count : -count - 1);

/** A default of any kind, or none. */
const defaultOf = ({ args: { count } }: Build) => VALUES[count * 2];

/** All elements, or the first few where it can be left. Its callback fails only where the run does not have to be left by hand. */
function reading(name: ReadingName): Terminal {
  const { read, breaks, ahead } = readingOf(name);
  const most = ({ args: { count } }: Build) => (breaks ? count + 1 : Infinity);
  const fn = (build: Build) => (breaks ? build.safe(itself) : build.fn(itself));
  return {
    ...(ahead && { ahead }),
    async lib(stream, build, signal) {
      const seen: unknown[] = [];
      const take = fn(build);
      const faults: string[] = [];
      await read(stream, {
        reader: { count: build.args.count, flag: false },
        ending: signal === undefined ? {} : { signal },
        limiter: limiter(2),
        most: most(build),
        get wants() {
          return seen.length < most(build);
        },
        isLeft: false,
        take(value) {
          seen.push(value);
          if (!breaks) return take(value);
        },
        leaveBy: () => undefined,
        fault: (what) => faults.push(what),
      });
      if (faults.length > 0) throw new Error(faults.join());
      return seen;
    },
    model(build) {
      const take = fn(build);
      const seen: unknown[] = [];
      return {
        wants: () => seen.length < most(build),
        take(value) {
          seen.push(value);
          return breaks ? undefined : take(value);
        },
        result: () => seen,
      };
    },
  };
}

export const terminals = {
  toArray: {
    options: 0,
    ownOptions: (build) => ({ limit: limitOf(build) }),
    model: (build) =>
      folding([] as unknown[], (array, value) => {
        if (array.push(value) > limitOf(build)) throw new Thrown('RangeError');
        return array;
      }),
  },
  toSet: { options: 0, model: () => folding(new Set(), (set, value) => set.add(value)) },
  toMap: { ...storingArguments, model: (build) => stored(build, false) },
  'toMap of pairs': {
    ...storingArguments,
    of: 'pairs',
    args: () => [undefined, undefined],
    model: (build) => stored(build, true),
  },
  toObject: { ...storingArguments, model: (build) => asObject(stored(build, false)) },
  groupBy: {
    args: (build) => [build.fn(keyOf)],
    options: 1,
    model(build) {
      const key = build.fn(keyOf);
      return folding(new Map<unknown, unknown[]>(), async (groups, value, index) => {
        const said = await key(value, index);
        return groups.set(said, [...(groups.get(said) ?? []), value]);
      });
    },
  },
  countBy: {
    args: (build) => [build.fn(keyOf)],
    options: 1,
    model(build) {
      const key = build.fn(keyOf);
      return folding(new Map<unknown, number>(), async (counts, value, index) => {
        const said = await key(value, index);
        return counts.set(said, (counts.get(said) ?? 0) + 1);
      });
    },
  },
  reduce: {
    args: (build) => [reducer(build), build.args.count],
    options: 2,
    model: (build) => folding<unknown>(build.args.count, reducer(build)),
  },
  'reduce without initial': {
    args: (build) => [reducer(build)],
    model(build) {
      const fn = reducer(build);
      let [state, count]: [unknown, number] = [undefined, 0];
      return {
        async take(value, index) {
          state = count++ === 0 ? value : await fn(state, value, index);
        },
        result() {
          if (count === 0) throw new Thrown('TypeError');
          return state;
        },
      };
    },
  },
  forEach: {
    args: (build) => [build.fn(itself)],
    options: 1,
    model(build) {
      const fn = build.fn(itself);
      return { take: (value, index) => fn(value, index) };
    },
  },
  drain: { options: 0, model: () => ({ take: () => undefined }) },
  count: { options: 0, model: () => gathered((all) => all.length) },
  sum: { options: 0, model: () => adding((total) => total) },
  'sum of numbers': { of: 'numbers', options: 0, model: () => adding((total) => total) },
  average: { options: 0, model: () => adding((total, count) => total / count) },
  'average of numbers': { of: 'numbers', options: 0, model: () => adding((total, count) => total / count) },
  min: { args: () => [byHash], options: 1, model: () => extreme(-1, hash) },
  max: { args: () => [byHash], options: 1, model: () => extreme(1, hash) },
  'min of numbers': { of: 'numbers', args: () => [undefined], options: 1, model: () => extreme(-1, itself) },
  'max of numbers': { of: 'numbers', args: () => [undefined], options: 1, model: () => extreme(1, itself) },
  minBy: { args: (build) => [build.fn(rank)], options: 1, model: (build) => extreme(-1, build.fn(rank)) },
  maxBy: { args: (build) => [build.fn(rank)], options: 1, model: (build) => extreme(1, build.fn(rank)) },
  top: {
    args: ({ args: { count } }) => [count, byHash],
    options: 2,
    model: ({ args: { count } }) => ({ ...gathered((all) => greatest(all, count, hash)), wants: () => count > 0 }),
  },
  'top of numbers': {
    of: 'numbers',
    args: ({ args: { count } }) => [count, undefined],
    options: 2,
    model: ({ args: { count } }) => ({ ...gathered((all) => greatest(all, count, itself)), wants: () => count > 0 }),
  },
  join: {
    args: ({ args: { flag } }) => [flag ? undefined : ' - '],
    options: 1,
    model: ({ args: { flag } }) => gathered((all) => all.map(strings).join(flag ? ',' : ' - ')),
  },
  some: {
    args: (build) => [build.fn(parity)],
    options: 1,
    model: (build) => searching(build.fn(parity), always, false),
  },
  every: {
    args: (build) => [build.fn(parity)],
    options: 1,
    model: (build) => searching(build.fn(parity), () => false, true, false),
  },
  find: {
    args: (build) => [build.fn(parity)],
    options: 1,
    model: (build) => searching(build.fn(parity), itself, undefined),
  },
  findIndex: {
    args: (build) => [build.fn(parity)],
    options: 1,
    model: (build) => searching(build.fn(parity), (_, index) => index, -1),
  },
  includes: {
    args: (build) => [defaultOf(build)],
    options: 1,
    model: (build) => searching((value) => [value].includes(defaultOf(build)), always, false),
  },
  isEmpty: { options: 0, model: () => searching(always, () => false, true) },
  first: {
    args: (build) => [defaultOf(build)],
    options: 1,
    model: (build) => searching(always, itself, defaultOf(build)),
  },
  last: {
    args: (build) => [defaultOf(build)],
    options: 1,
    model: (build) => folding(defaultOf(build), (_, value) => value),
  },
  at: {
    args: (build) => [indexOf(build)],
    options: 1,
    model: (build) =>
      indexOf(build) < 0
        ? gathered((all) => all.at(indexOf(build)))
        : searching((_, index) => index === indexOf(build), itself, undefined),
  },
  single: {
    options: 0,
    model() {
      const all: unknown[] = [];
      return {
        take(value) {
          if (all.push(value) > 1) throw new Thrown('RangeError');
        },
        result() {
          if (all.length === 0) throw new Thrown('RangeError');
          return all[0];
        },
      };
    },
  },
  // A Node stream takes no null.
  ...(Object.fromEntries(
    (Object.keys(readings) as ReadingName[])
      .filter((name) => name !== 'a Node destination')
      .map((name) => [`reading: ${name}`, reading(name)]),
  ) as Record<`reading: ${ReadingName}`, Terminal>),
} satisfies Record<string, Terminal>;

function reducer(build: Build) {
  const fn = build.fn((said) => hash(said));
  return (state: unknown, value: unknown, index: number) => fn([state, value, index]);
}

export type TerminalName = keyof typeof terminals;

const table: Readonly<Record<string, Terminal>> = terminals;

// ---------------------------------------------------------------------------------------------------------------- runs

/** One terminal, or several collectors in one pass, one of which may be of one's own. */
interface Ending {
  readonly names: readonly TerminalName[];
  readonly each: readonly Args[];
  readonly way: 'method' | 'collect' | 'collect by names' | 'own collector';
  readonly signal: 'none' | 'idle' | 'aborted';
}

interface Case {
  readonly chain: chain.Chain;
  readonly ending: Ending;
}

const REASON = new Error('aborted');

const signals = {
  none: () => undefined,
  idle: () => new AbortController().signal,
  aborted: () => AbortSignal.abort(REASON),
};

const methodOf = (name: string) => name.split(' ')[0]!;

const buildOf = (ending: Ending, index: number, record: Recorder) =>
  new Build(ending.each[index % ending.each.length]!, `terminal ${index}`, record);

/** A collector of the name, or of one's own that does the same. */
function collectorOf(name: TerminalName, build: Build, own: boolean): Collector<any, unknown> {
  const { args, ownOptions, model }: Terminal = table[name]!;
  if (!own) {
    const make = collectors[methodOf(name) as keyof typeof collectors] as (
      ...args: unknown[]
    ) => Collector<any, unknown>;
    return make(...(args?.(build) ?? []), ...(ownOptions === undefined ? [] : [ownOptions(build)]));
  }
  return () => {
    const { wants = always, take, result } = model(build);
    const { mode } = build.args.fn;
    let index = 0;
    return {
      async push(value) {
        if (!wants()) return false;
        await take(value, index++);
        return answer(mode, wants) as boolean;
      },
      result: () => answer(mode, () => result?.()),
    };
  };
}

/** Wrong forms of terminals, to show that they are found. */
export type Faults = Partial<Record<TerminalName, (stream: Stream, build: Build) => Promise<unknown>>>;

/** The elements that a terminal is for. */
function prepared(stream: Stream, of: Terminal['of']): Stream {
  if (of === 'numbers') return stream.map(rank);
  return of === 'pairs' ? stream.map((value) => (hash(value) % 9 === 0 ? 0 : [keyOf(value), value])) : stream;
}

function run(
  stream: Stream,
  ending: Ending,
  record: Recorder,
  faults: Faults = {},
  signal = signals[ending.signal](),
): Promise<unknown> {
  const { names, way } = ending;
  const name = names[0]!;
  const build = buildOf(ending, 0, record);
  const own = way === 'own collector';
  if (way === 'collect by names') {
    const all = names.map((each, index) => [
      `${index} ${each}`,
      collectorOf(each, buildOf(ending, index, record), false),
    ]);
    return prepared(stream, table[name]!.of).collect(Object.fromEntries(all), signal && { signal });
  }
  const { args, options, ownOptions, of, lib }: Terminal = table[name]!;
  const above = prepared(stream, of);
  if (way !== 'method') return above.collect(collectorOf(name, build, own), signal && { signal });
  if (faults[name] !== undefined) return faults[name](above, build);
  if (lib !== undefined) return lib(signal === undefined ? above : above.withSignal(signal), build, signal);
  const given = [...(args?.(build) ?? [])];
  const bag = { ...ownOptions?.(build), ...(signal && { signal }) };
  if (options !== undefined && Object.keys(bag).length > 0) given[options] = bag;
  const limited = signal === undefined || options !== undefined ? above : above.withSignal(signal);
  return (limited as any)[methodOf(name)](...given);
}

/** The model of the run: one element after the other, and each collector in its turn. */
async function modelled({ chain: { source, steps }, ending }: Case, record: Recorder): Promise<unknown> {
  const { names, way } = ending;
  const used = way === 'collect by names' ? names : names.slice(0, 1);
  const all = used.map((name, index) => ({
    ...({ wants: always, result: () => undefined } satisfies Partial<Taking>),
    ...table[name]!.model(buildOf(ending, index, record)),
    key: `${index} ${name}`,
    index: 0,
  }));
  const wanting = () => all.filter(({ wants }) => wants());
  // A collector of one's own says with its first element only that it wants none.
  if (way === 'own collector' || wanting().length > 0) {
    const { of } = table[names[0]!]!;
    for await (const value of chain.model({ source, steps }, record)()) {
      const element =
        of === 'numbers' ? rank(value) : of !== 'pairs' ? value : hash(value) % 9 === 0 ? 0 : [keyOf(value), value];
      for (const each of wanting()) await each.take(element, each.index++);
      if (wanting().length === 0) break;
    }
  }
  if (way !== 'collect by names') return all[0]!.result();
  return Object.fromEntries(all.map(({ key, result }) => [key, result()]));
}

/** As text that tells everything apart, also the order of entries. */
function written(value: any): string {
  if (value instanceof Map) return `Map ${written([...value])}`;
  if (value instanceof Set) return `Set ${written([...value])}`;
  if (value instanceof Error) return value.name;
  if (Array.isArray(value)) return `[${value.map(written).join()}]`;
  if (typeof value === 'string') return JSON.stringify(value);
  if (Object.is(value, -0)) return '-0';
  if (typeof value !== 'object' || value === null) return show(value);
  const bare = Object.getPrototypeOf(value) === null ? 'bare ' : '';
  const entries = Object.entries(value).map(([key, each]) => `${JSON.stringify(key)}: ${written(each)}`);
  return `${bare}{ ${entries.join(', ')} }`;
}

/** How a run has settled, and what was open by then. */
interface Settled {
  readonly outcome: string;
  readonly open: number;
}

async function settled(promise: Promise<unknown>, record: Recorder): Promise<Settled> {
  let outcome: string;
  try {
    outcome = `gives ${written(await promise)}`;
  } catch (error) {
    outcome = error === REASON ? 'is aborted' : `fails with ${written(error)}`;
  }
  record.note('settled');
  return { outcome, open: record.open + record.closing };
}

/** The nature of its chain. Where its terminal goes on while elements are being taken, any of two errors may come first. */
function natureOf({ chain: steps, ending: { names, way } }: Case): ReturnType<typeof chain.natureOf> {
  const nature = chain.natureOf(steps);
  const isAhead = way === 'method' && table[names[0]!]!.ahead === true;
  return isAhead ? { exact: false, flushes: true } : nature;
}

/** Results, errors and all events are those of the model, and everything is closed when the promise settles. */
async function agrees(given: Case, faults: Faults): Promise<void> {
  const { ending } = given;
  const [record, expectedRecord] = [new Recorder(), new Recorder()];
  // A `reduce` without `initial` has no options, and takes the signal of its stream.
  const expected: Settled =
    ending.signal === 'aborted'
      ? { outcome: 'is aborted', open: 0 }
      : await settled(modelled(given, expectedRecord), expectedRecord);
  if (ending.signal === 'aborted') expectedRecord.note('settled');
  const stream = chain.build(given.chain, record, {});
  const got = await settled(run(stream, ending, record, faults), record);
  const context: chain.Chain = given.chain;
  const { exact, flushes } = natureOf(given);
  const fail = (what: string, ...pairs: unknown[]) =>
    chain.fail(`${ending.names.join(', ')} by ${ending.way}: ${what}`, context, ...pairs);
  // A source that is in the middle of producing an element is not waited for.
  if (exact && got.open > 0) fail(`${got.open} sources are open or being closed when it settles`, record.log);
  // A callback may fail with what is emitted before an error: the error of the source came first.
  const two = flushes && [got, expected].every(({ outcome }) => outcome.startsWith('fails'));
  if (got.outcome !== expected.outcome && !two) fail('another outcome', got.outcome, expected.outcome);
  await idle();
  if (exact && record.log.at(-1) !== 'settled') fail('it goes on after it has settled', record.log);
  chain.clean(context, record, !exact);
  if (exact) chain.equal('events', context, chain.promised(record, context), chain.promised(expectedRecord, context));
}

/** A run that is aborted at any moment ends promptly, with its result or with the reason, and leaves nothing open. */
async function ends(given: Case, microtasks: number, turns: number, faults: Faults): Promise<void> {
  const { ending } = given;
  const record = new Recorder();
  const controller = new AbortController();
  let got: Settled | undefined;
  const running = settled(
    run(chain.build(given.chain, record, {}), ending, record, faults, controller.signal),
    record,
  ).then((result) => (got = result));
  for (let count = 0; count < microtasks; count++) await undefined;
  for (let count = 0; count < turns; count++) await idle();
  const before = got;
  controller.abort(REASON);
  const fail = (what: string, ...pairs: unknown[]) =>
    chain.fail(`${ending.names.join(', ')} by ${ending.way}: ${what}`, given.chain, ...pairs);
  for (let count = 0; got === undefined && count < 200; count++) await idle();
  if (got === undefined) fail('it does not end', record.log);
  const { outcome } = await running;
  // An error that comes while it is closed is a later one.
  if (before === undefined && outcome !== 'is aborted' && !(await isOutcome(given, outcome)))
    fail('another outcome', outcome);
  for (let count = 0; count < 4; count++) await idle();
  const { length } = record.log;
  for (let count = 0; count < 4; count++) await idle();
  if (record.log.length > length) fail('it goes on after its end', record.log.slice(length));
  chain.clean(given.chain, record, true);
}

/** What the run gives if nothing ends it. Nothing if its source is stuck. */
async function isOutcome(given: Case, outcome: string): Promise<boolean> {
  const record = new Recorder();
  let expected: Settled | undefined;
  void settled(modelled(given, record), record).then((result) => (expected = result));
  for (let count = 0; expected === undefined && count < 100; count++) await idle();
  const two = natureOf(given).flushes && outcome.startsWith('fails');
  return expected?.outcome === outcome || (two && expected?.outcome.startsWith('fails') === true);
}

// ---------------------------------------------------------------------------------------------------------------- cases

const names = Object.keys(terminals) as TerminalName[];
const methods = names.filter((name) => table[name]!.lib === undefined);
const plain = methods.filter((name) => table[name]!.of === undefined && name !== 'forEach');

const endings: fc.Arbitrary<Ending> = fc
  .record({
    one: fc.oneof(
      { arbitrary: fc.constantFrom(...methods), weight: 3 },
      { arbitrary: fc.constantFrom(...names.filter((name) => !methods.includes(name))), weight: 1 },
    ),
    several: fc.array(fc.constantFrom(...plain), { minLength: 1, maxLength: 4 }),
    each: fc.array(fc.record({ count: fc.nat(4), flag: fc.boolean(), fn: callbackSpecs, other: sourceSpecs }), {
      minLength: 1,
      maxLength: 4,
    }),
    way: fc.constantFrom<Ending['way']>('method', 'method', 'method', 'collect', 'collect by names', 'own collector'),
    signal: fc.constantFrom<Ending['signal']>('none', 'none', 'none', 'none', 'idle', 'idle', 'idle', 'aborted'),
  })
  .map(({ one, several, each, way, signal }) => ({
    names: way === 'collect by names' ? several : [one],
    each,
    way: way === 'collect' && table[one]!.lib !== undefined ? 'method' : way,
    signal,
  }));

const cases: fc.Arbitrary<Case> = fc.record({ chain: chain.chainsInOrder(3), ending: endings });

export const terminalsAgree = (faults: Faults = {}): fc.IAsyncProperty<[Case]> =>
  fc.asyncProperty(cases, (given) => agrees(given, faults));

const stuckCases: fc.Arbitrary<Case> = fc.record({ chain: chain.chainsInOrder(3, stuckSpecs), ending: endings });

export const terminalsEnd = (faults: Faults = {}): fc.IAsyncProperty<any> =>
  fc.asyncProperty(stuckCases, fc.nat(30), fc.nat(3), (given, microtasks, turns) =>
    ends(given, microtasks, turns, faults),
  );
