const { asyncDispose } = Symbol as Partial<SymbolConstructor>;

/** `Symbol.asyncDispose`, or a symbol in its place on platforms that lack it. */
export const ASYNC_DISPOSE: typeof Symbol.asyncDispose =
  asyncDispose ?? (Symbol.for('Symbol.asyncDispose') as typeof Symbol.asyncDispose);

/** Makes an object disposable also by a `Symbol.asyncDispose` that was added after its class was defined. */
export function disposable<D extends AsyncDisposable>(object: D): D {
  const { asyncDispose: added = ASYNC_DISPOSE } = Symbol as Partial<SymbolConstructor>;
  if (!(added in object)) {
    Object.defineProperty(Object.getPrototypeOf(object), added, { value: object[ASYNC_DISPOSE], configurable: true });
  }
  return object;
}
