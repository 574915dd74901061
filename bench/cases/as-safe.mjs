/** The competitor that shows what a loop by hand costs once it keeps the promises of a stream. */
export const AS_SAFE = 'by hand, as safe';

/** What a step returns for an element that is dropped. */
export const DROPPED = Symbol('dropped');

/**
 * The smallest iterator over a source and one step that keeps the promises which asyncstream keeps to whoever reads it,
 * and an async generator does not: `return()` ends it at once, also while the source is producing an element that may
 * never come; a `next()` that is pending then resolves; calls that overlap settle in their order; an error of the step
 * closes the source before it is reported.
 */
export class SafeIterator {
  #iterator;
  #step;
  #pending = [];
  #reading = false;
  #over = false;
  #closing;

  constructor(source, step) {
    this.#iterator = source[Symbol.asyncIterator]();
    this.#step = step;
  }

  [Symbol.asyncIterator]() {
    return this;
  }

  next() {
    if (this.#over) return Promise.resolve(this.#closing).then(done);
    return new Promise((resolve, reject) => {
      this.#pending.push({ resolve, reject });
      if (!this.#reading) this.#read();
    });
  }

  async return() {
    this.#end();
    // Not waited for while it is producing an element, which may never come.
    if (this.#reading) this.#closing.catch(done);
    else await this.#closing;
    return done();
  }

  #read() {
    this.#reading = true;
    this.#iterator.next().then(this.#take, this.#fail);
  }

  #take = (result) => {
    this.#reading = false;
    if (this.#over) return;
    if (result.done) return this.#end(false);
    try {
      const value = this.#step(result.value);
      if (value !== DROPPED) this.#pending.shift().resolve({ done: false, value });
    } catch (error) {
      const { reject } = this.#pending.shift();
      this.#end();
      this.#closing.catch(done).then(() => reject(error));
      return;
    }
    if (this.#pending.length > 0) this.#read();
  };

  #fail = (error) => {
    this.#reading = false;
    if (this.#over) return;
    this.#pending.shift().reject(error);
    this.#end(false);
  };

  #end(closes = true) {
    if (this.#over) return;
    this.#over = true;
    this.#closing = closes ? Promise.resolve(this.#iterator.return?.()) : Promise.resolve();
    for (const { resolve } of this.#pending.splice(0)) resolve(done());
  }
}

function done() {
  return { done: true, value: undefined };
}
