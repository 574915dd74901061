// Runs tests of the bundled specs one after the other, in this process.
import { readdir } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';

const { setTimeout, clearTimeout, setImmediate } = globalThis;
const now = performance.now.bind(performance);

/** Milliseconds until a test or a hook counts as hung that something keeps alive. */
const TOO_LONG = 10_000;

/** Milliseconds that a test may wait for something that does not keep the process alive. */
const GRACE = 50;

const turn = () => new Promise((resolve) => setImmediate(resolve));

let globals;

/** Is told of whatever fails beside the test. */
let onError = () => {};

/** Is told when nothing keeps the process alive. */
let onIdle = () => {};

// Listened to once: in a child process, `process.on` calls `process.nextTick`, which may be a fake one.
process.on('beforeExit', () => onIdle());
process.on('unhandledRejection', (reason) => onError(reason));
process.on('uncaughtException', (error) => {
  // Node 20 throws it out of `Readable.toWeb()` when its reader leaves.
  if (error?.code !== 'ERR_INVALID_STATE') onError(error);
});

/** Loads all specs, and returns their tests: `id`, `file`, `name`, `suite` and `body`. */
export async function loadTests() {
  // That of the working directory, as the bundled specs do: stryker loads this file from another one.
  globals = await import(pathToFileURL(resolve('spec/mutation/globals.mjs')).href);
  const { beginSpec, declaredTests } = globals;
  const files = (await readdir('.mutation', { recursive: true })).filter((path) => path.endsWith('.spec.mjs')).sort();
  for (const file of files) {
    beginSpec(file.replace(/\.mjs$/, '.ts'));
    await import(pathToFileURL(resolve('.mutation', file)).href);
  }
  return declaredTests.map((test, index) => ({ ...test, id: String(index + 1) }));
}

/**
 * Nothing but the test may keep the process alive. If it then waits for a promise that nothing can settle, Node emits
 * `beforeExit`, and the test is known to hang without any waiting.
 */
function keepNothingAlive() {
  process.channel?.unref();
  for (const handle of process._getActiveHandles()) handle.unref?.();
}

/** Calls a test or a hook, and returns what it fails with: `[]`, or a list of errors. */
async function attempt(body, longest = TOO_LONG) {
  const errors = [];
  let giveUp;
  const stuck = new Promise((resolve) => {
    giveUp = (why) => resolve(errors.push(new Error(`The test hangs: ${why}`)));
  });
  const timer = setTimeout(giveUp, longest, `${longest} ms`).unref();
  // Twice: a timer of `AbortSignal.timeout()` does not keep the process alive.
  let idled = false;
  onIdle = () => {
    if (idled) return giveUp('nothing is pending');
    idled = true;
    setTimeout(() => {}, GRACE);
  };
  onError = (error) => errors.push(error);
  try {
    await Promise.race([(async () => body())(), stuck]);
  } catch (error) {
    errors.push(error);
  }
  clearTimeout(timer);
  await turn();
  onError = () => {};
  onIdle = () => {};
  return errors;
}

const CLOCK = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'];
const owners = [
  [globalThis, [...CLOCK, 'queueMicrotask', 'Date', 'performance']],
  [process, ['nextTick', 'hrtime']],
  [AbortSignal, ['timeout']],
];
const originals = owners.flatMap(([owner, names]) =>
  names.map((name) => [owner, name, Object.getOwnPropertyDescriptor(owner, name)]),
);

/** In jest, each spec has globals of its own. Here, a test that fails might leave fake ones behind. */
function restoreGlobals() {
  globals.jest.useRealTimers();
  globals.jest.restoreAllMocks();
  for (const [owner, name, descriptor] of originals) {
    const { value, get } = Object.getOwnPropertyDescriptor(owner, name) ?? {};
    if (value !== descriptor.value || get !== descriptor.get) Object.defineProperty(owner, name, descriptor);
  }
}

const outermostFirst = (suite) => (suite === undefined ? [] : [...outermostFirst(suite.parent), suite]);

/** Enters and leaves suites, as tests of them are run. */
export class SpecRun {
  #entered = [];

  /** Runs one test, in `longest` milliseconds, and returns how it went: `{ errors, milliseconds, unsupported }`. */
  async run({ suite, body }, longest) {
    const suites = outermostFirst(suite);
    const errors = await this.#move(suites);
    const start = now();
    const steps = [...suites.flatMap(({ beforeEach }) => beforeEach), body];
    for (const step of steps) if (errors.length === 0) errors.push(...(await attempt(step, longest)));
    for (const step of suites.toReversed().flatMap(({ afterEach }) => afterEach)) errors.push(...(await attempt(step)));
    restoreGlobals();
    return { errors, milliseconds: now() - start, unsupported: errors[0] instanceof globals.Unsupported };
  }

  /** Leaves all suites. */
  end() {
    return this.#move([]);
  }

  async #move(suites) {
    keepNothingAlive();
    const errors = [];
    while (this.#entered.some((suite) => !suites.includes(suite))) {
      for (const step of this.#entered.pop().afterAll) errors.push(...(await attempt(step)));
    }
    for (const suite of suites.slice(this.#entered.length)) {
      this.#entered.push(suite);
      for (const step of suite.beforeAll) errors.push(...(await attempt(step)));
    }
    return errors;
  }
}
