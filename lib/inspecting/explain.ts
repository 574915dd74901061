import { describe } from '../errors.ts';
import type { Call } from '../engine/core/trace.ts';
import { callbackOf, labelOf, present } from './names.ts';

/** One call of the chain: the source, or a stage. */
export interface Step {
  /** The name of the method, such as `'paginate'` or `'map'`. */
  readonly method: string;
  /** The name of its first callback, or the start of its code if it has no name. */
  readonly callback?: string;
  /** The other arguments as text, at most four of them. */
  readonly args: readonly string[];
  /** Its options. Callbacks and objects among them as text. */
  readonly options?: Readonly<Record<string, unknown>>;
  /** Whether it runs in the same loop as the stage before it, with no promise in between. */
  readonly fused: boolean;
  /** The other streams that it reads, as `merge` does. */
  readonly inputs?: readonly Explanation[];
}

/** The plan of a stream as plain data. */
export interface Explanation {
  /** The label that `named()` gave. */
  readonly name?: string;
  /** The call that made the source. */
  readonly source: Step;
  /** In the order in which elements pass them. */
  readonly stages: readonly Step[];
  /** False if the source can be run only once. An input of a stage such as `concat` may still be one-shot. */
  readonly repeatable: boolean;
}

/** Explains an argument that is a stream; undefined for anything else. */
type Inside = (argument: unknown) => Explanation | undefined;

const MOST_ARGUMENTS = 4;

export function explain(call: Call, repeatable: boolean, inside: Inside): Explanation {
  const steps: Step[] = [];
  for (let at: Call | undefined = call; at !== undefined; at = at.upstream) {
    if (at.method !== 'named') steps.push(stepOf(at, inside));
  }
  const [source, ...stages] = steps.reverse() as [Step, ...Step[]];
  return present<Explanation>({ name: labelOf(call), source, stages, repeatable });
}

function stepOf(call: Call, inside: Inside): Step {
  const { method, fused } = call;
  const inputs = call.args.flatMap((arg) => valuesOf(arg).flatMap((value) => inside(value) ?? []));
  const args: string[] = [];
  let options: Record<string, unknown> | undefined;
  for (const arg of call.args) {
    if (isPlainObject(arg)) options = Object.fromEntries(fieldsOf(arg).map(([key, value]) => [key, shown(value)]));
    else if (args.length === MOST_ARGUMENTS) break;
    else if (typeof arg !== 'function' && arg !== undefined && inputs.length === 0) args.push(String(shown(arg)));
  }
  return present<Step>({
    method,
    callback: callbackOf(call),
    args,
    options,
    fused,
    inputs: inputs.length > 0 ? inputs : undefined,
  });
}

/** Streams are passed one by one, in an array, or under names. */
function valuesOf(arg: unknown): unknown[] {
  return Array.isArray(arg)
    ? arg.slice(0, MOST_ARGUMENTS * 4)
    : isPlainObject(arg)
      ? fieldsOf(arg).map(([, value]) => value)
      : [arg];
}

/** Without a call of a getter, which may do anything. */
function fieldsOf(object: object): [name: string, value: unknown][] {
  return Object.entries(Object.getOwnPropertyDescriptors(object)).flatMap(([name, { get, value }]) =>
    get === undefined ? [[name, value]] : [],
  );
}

function isPlainObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === Object.prototype;
}

function shown(value: unknown): unknown {
  if (typeof value === 'function') return callbackOf({ args: [value] });
  if (Array.isArray(value)) return `Array(${value.length})`;
  if (typeof value === 'object' && value !== null) return describe(value).slice('[object '.length, -1);
  return ['string', 'symbol', 'bigint'].includes(typeof value) ? describe(value) : value;
}

/** The plan as a tree, one step a line. */
export function draw(explanation: Explanation): string {
  return linesOf(explanation).join('\n');
}

function linesOf({ name, source, stages, repeatable }: Explanation): string[] {
  const title = `AsyncStream${name === undefined ? '' : ` ${describe(name)}`} (${repeatable ? 'repeatable' : 'one-shot'})`;
  const steps = [source, ...stages];
  return [
    title,
    ...steps.flatMap((step, index) => {
      const last = index === steps.length - 1;
      const inner = (step.inputs ?? []).flatMap((input) => linesOf(input));
      return [`${last ? '└' : '├'} ${callOf(step)}`, ...inner.map((line) => `${last ? ' ' : '│'}   ${line}`)];
    }),
  ];
}

function callOf({ method, callback, args, options }: Step): string {
  const shownOptions =
    options &&
    `{ ${Object.entries(options)
      .map(([key, value]) => `${key}: ${String(value)}`)
      .join(', ')} }`;
  return `${method}(${[callback, ...args, shownOptions].filter((part) => part !== undefined).join(', ')})`;
}
