const { AsyncLocalStorage } = require('node:async_hooks');
const { TestEnvironment } = require('jest-environment-node');

/**
 * The storages that the current file has used. For each file, Jest makes one of its own, to know which test an error
 * belongs to, and leaves it enabled. Node passes the value of each enabled storage on with every promise, so that tests
 * that come after fifty files would take several times as long.
 */
const storages = new Set();
const { run } = AsyncLocalStorage.prototype;
AsyncLocalStorage.prototype.run = function (...args) {
  storages.add(this);
  return run.apply(this, args);
};

const STEP_ENDS = new Set(['test_fn_success', 'test_fn_failure', 'hook_success', 'hook_failure']);

const nextTurn = () => new Promise((resolve) => setImmediate(resolve));
const milliseconds = (count) => new Promise((resolve) => setTimeout(resolve, count));

/**
 * Fails each test that leaves a rejection unhandled.
 *
 * Node reports an unhandled rejection once the microtasks have run, so a test is given one more turn of the event loop.
 * (Jest's `waitForUnhandledRejections` waits for a timer after each test: three times as long as most tests take.) At
 * the end of a file there is time for rejections that come with a timer; Jest knows which test they belong to.
 *
 * Jest forgives a rejection that is handled after Node has reported it as unhandled. A program would have ended by
 * then, so here it fails the spec as well.
 */
module.exports = class StrictEnvironment extends TestEnvironment {
  #reported = new WeakMap();

  async teardown() {
    await super.teardown();
    for (const storage of storages) storage.disable();
    storages.clear();
  }

  handleTestEvent(event, state) {
    if (STEP_ENDS.has(event.name)) return nextTurn();
    if (event.name === 'run_describe_finish' && event.describeBlock.parent === undefined) return milliseconds(10);
    if (event.name === 'error' && event.promise) {
      this.#reported.set(event.promise, event.error);
    } else if (event.name === 'error_handled') {
      const cause = this.#reported.get(event.promise);
      state.unhandledErrors.push(new Error(`A rejection was handled too late: ${String(cause)}`, { cause }));
    }
  }
};
