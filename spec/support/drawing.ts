// Drawings of the kit, with sources that are streams, and the drawings in comments.
import { AsyncStream } from '../../lib/index.ts';
import { momentsOf } from '../../lib/testing/drawing.ts';
import { DrawnSource as Source } from '../../lib/testing/drawn-source.ts';
import { type Drawings, timeline } from '../../lib/testing/timeline.ts';

/** How many milliseconds one character of a drawing stands for. */
export const STEP = 10;

/** The error that `^` stands for. */
export const FAILURE = new Error('drawn');

/** A drawn source that follows the timers of the platform, fake or not. */
export class DrawnSource extends Source {
  constructor(drawing: string) {
    super(momentsOf(drawing), STEP, FAILURE);
  }

  get stream(): AsyncStream<string> {
    return AsyncStream.from<string>(this);
  }
}

type Streams<D extends Drawings> = D extends string
  ? AsyncStream<string>
  : { readonly [Name in keyof D]: AsyncStream<string> };

export interface DrawingOptions {
  /** How many milliseconds the consumer takes for each element. Default 0. */
  readonly consumer?: number;
  /** The error that `^` in the expected drawing stands for, if it is not that of a source. */
  readonly error?: unknown;
}

/**
 * Compares the results of a stream over drawn sources with a drawing. A stream ends promptly when it is left.
 *
 *     await expectDrawing('ab--c-|', (source) => source.debounce(2 * STEP), '---b--[c|]');
 *     await expectDrawing({ a: 'a--b|', b: '-x-|' }, ({ a, b }) => a.merge(b), 'ax-b|');
 */
export async function expectDrawing<const D extends Drawings>(
  drawings: D,
  build: (streams: Streams<D>) => AsyncIterable<unknown>,
  expected: string,
  options: DrawingOptions = {},
): Promise<void> {
  const { consumer = 0 } = options;
  const over = (sources: any): any =>
    typeof drawings === 'string'
      ? AsyncStream.from<any>(sources)
      : Object.fromEntries(Object.entries<any>(sources).map(([name, source]) => [name, AsyncStream.from(source)]));
  const named = 'error' in options ? expected.replace(/[\^#]/, () => `^(${textOf(options.error)})`) : expected;
  await timeline(drawings, (sources) => build(over(sources)), named, { consumer, failure: FAILURE, prompt: true });
}

/** Aborts with `'enough'` after some milliseconds of virtual time: to be called by what builds the stream. */
export function abortAfter(milliseconds: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort('enough'), milliseconds);
  return controller.signal;
}

function textOf(error: unknown): string {
  return String(error).replaceAll(/[()]/g, '') || "''";
}

/** A drawing in a comment: of sources, and of what is made of them. */
export interface DrawnExample {
  readonly drawings: Readonly<Record<string, string>>;
  readonly expression: string;
  readonly expected: string;
}

/**
 * The drawings in the comments of a source file: indented lines that begin with the name of a source or an expression, and
 * end with a drawing. Where there are several expressions, the sources are those of all.
 *
 *     source               ab--c-|
 *     source.debounce(20)  ---b--[c|]
 */
export function drawingsInSource(text: string): DrawnExample[] {
  return Array.from(text.matchAll(/(?:^ *\* {5}\S.* \S+\n)+/gm)).flatMap(([block]) => {
    const lines = Array.from(
      block.matchAll(/^ *\* {5}(.*\S) +(\S+)$/gm),
      ([, what, drawing]) => [what!, drawing!] as const,
    );
    const drawings = Object.fromEntries(lines.filter(([what]) => /^\w+$/.test(what)));
    return lines
      .filter(([what]) => what.endsWith(')'))
      .map(([expression, expected]) => ({ drawings, expression, expected }));
  });
}

export async function expectDrawn({ drawings, expression, expected }: DrawnExample): Promise<void> {
  await expectDrawing(drawings, compiled(expression, Object.keys(drawings)), expected);
}

/** The stream that an expression of a drawing makes of the sources with these names. */
export function compiled(expression: string, names: readonly string[]) {
  const compile = (() => undefined).constructor as FunctionConstructor;
  const make = compile('AsyncStream', ...Object.keys(tools), ...names, `return ${expression}`) as Callable;
  return (streams: Readonly<Record<string, AsyncIterable<unknown>>>) =>
    make(AsyncStream, ...Object.values(tools), ...names.map((name) => streams[name]));
}

/** A promise of the value, as the drawings use it. */
function after<T>(milliseconds: number, value: T): Promise<T> {
  return new Promise((resolve) => void setTimeout(resolve, milliseconds, value));
}

/** The functions that a drawing may call. docs/diagrams.md explains them. */
const tools = {
  after,
  joined: (shared: AsyncStream<string>) => shared.merge(AsyncStream.from(() => after(20, shared))),
  pushed: (source: AsyncStream<string>, { stream, push, end }: Channel) => {
    void source.forEach(push).then(end);
    return stream;
  },
  dispatching: (source: AsyncStream<string>) => {
    const target = new EventTarget();
    void source.forEach((type) => void target.dispatchEvent(new Event(type)));
    return target;
  },
};

type Channel = ReturnType<typeof AsyncStream.channel<string>>;
type Callable = (...args: unknown[]) => AsyncIterable<unknown>;
