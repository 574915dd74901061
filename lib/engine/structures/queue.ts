/**
 * Values in the order in which they came, without a limit of its own. An array shifted from the front would be
 * quadratic.
 */
export class Queue<T> {
  /** A circle whose size is a power of two. */
  #values: (T | undefined)[] = [];
  #first = 0;
  #length = 0;

  get length(): number {
    return this.#length;
  }

  /** The one that has waited longest. */
  get first(): T | undefined {
    return this.#values[this.#first];
  }

  push(value: T): void {
    const values = this.#values;
    if (this.#length === values.length) this.#grow();
    this.#values[(this.#first + this.#length++) & (this.#values.length - 1)] = value;
  }

  /** Takes the one that has waited longest. Must not be called on an empty queue. */
  shift(): T {
    const values = this.#values;
    const value = values[this.#first] as T;
    // Taken values must not stay reachable.
    values[this.#first] = undefined;
    this.#first = (this.#first + 1) & (values.length - 1);
    this.#length--;
    return value;
  }

  clear(): void {
    this.#values = [];
    this.#first = this.#length = 0;
  }

  #grow(): void {
    const values = this.#values;
    const grown = new Array<T | undefined>(Math.max(4, values.length * 2));
    values.forEach((_, at) => (grown[at] = values[(this.#first + at) & (values.length - 1)]));
    this.#values = grown;
    this.#first = 0;
  }
}
