// Counts what the library does in a run: how often each block of lib/ is executed, as V8's block coverage counts it,
// and the elements that the linear methods of arrays go through. A count is the same on each machine, and busy or not.
import { Session } from 'node:inspector';
import { macrotask, VirtualClock } from '../../lib/testing/clock.ts';

interface Coverage {
  readonly result: { readonly url: string; readonly functions: { readonly ranges: { readonly count: number }[] }[] }[];
}

const session = new Session();
session.connect();
post('Profiler.enable');

function post<R>(method: string, parameters: object = {}): R {
  let answer: R | undefined;
  // The inspector of its own process calls back at once.
  session.post(method, parameters, (error, result) => {
    if (error) throw error;
    answer = result as R;
  });
  return answer as R;
}

/** Methods that go through an array without a callback, which no coverage sees. */
const LINEAR = ['indexOf', 'lastIndexOf', 'includes', 'splice', 'shift', 'unshift', 'slice', 'concat'] as const;
let native = 0;

function countNative(): () => void {
  const prototype = Array.prototype as unknown as Record<string, (...args: unknown[]) => unknown>;
  const originals = LINEAR.map((name) => [name, prototype[name]!] as const);
  for (const [name, original] of originals) {
    prototype[name] = function (this: unknown[], ...args: unknown[]) {
      native += this.length;
      return original.apply(this, args);
    };
  }
  return () => {
    for (const [name, original] of originals) prototype[name] = original;
  };
}

/** The operations of `run`, in virtual time: a timer fires as soon as nothing else goes on. */
export async function operationsOf(run: () => unknown): Promise<number> {
  const clock = new VirtualClock();
  clock.install('operationsOf');
  const restore = countNative();
  native = 0;
  post('Profiler.startPreciseCoverage', { callCount: true, detailed: true });
  try {
    await inTime(clock, run());
    const { result } = post<Coverage>('Profiler.takePreciseCoverage');
    const blocks = result
      .filter(({ url }) => /\/lib\/(?!testing)/.test(url))
      .flatMap(({ functions }) => functions.flatMap(({ ranges }) => ranges.map(({ count }) => count)));
    return blocks.reduce((sum, count) => sum + count, native);
  } finally {
    post('Profiler.stopPreciseCoverage');
    restore();
    clock.uninstall();
  }
}

async function inTime(clock: VirtualClock, promise: unknown): Promise<void> {
  let settled = false;
  const settling = Promise.resolve(promise).finally(() => (settled = true));
  settling.catch(() => undefined);
  for (;;) {
    await macrotask();
    await macrotask();
    if (settled) {
      await settling;
      return;
    }
    const timer = clock.first();
    if (timer !== undefined) clock.fire(timer);
  }
}
