import { TestEnvironment } from 'jest-environment-node';

/**
 * Jest forgives a rejection that is handled after Node has reported it as unhandled. A program would have ended by
 * then, so here it fails the spec as well.
 */
export default class StrictEnvironment extends TestEnvironment {
  #reported = new WeakMap();

  handleTestEvent(event, state) {
    if (event.name === 'error' && event.promise) {
      this.#reported.set(event.promise, event.error);
    } else if (event.name === 'error_handled') {
      const cause = this.#reported.get(event.promise);
      state.unhandledErrors.push(new Error(`A rejection was handled too late: ${String(cause)}`, { cause }));
    }
  }
}
