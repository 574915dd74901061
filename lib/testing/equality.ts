/**
 * Whether two results are the same: by structure, but errors and functions by identity. Two objects that are being
 * compared are the same as far as that comparison goes: they may contain themselves.
 */
export function isEqual(a: unknown, b: unknown, comparing = new Map<unknown, Set<unknown>>()): boolean {
  if (Object.is(a, b) || comparing.get(a)?.has(b) === true) return true;
  if (Object(a) !== a || Object(b) !== b) return false;
  const tag = Object.prototype.toString.call(a);
  if (tag !== Object.prototype.toString.call(b)) return false;
  comparing.set(a, (comparing.get(a) ?? new Set()).add(b));
  if (tag === '[object Map]' || tag === '[object Set]') {
    return isEqual(Array.from(a as Iterable<unknown>), Array.from(b as Iterable<unknown>), comparing);
  }
  if (tag === '[object Date]') return Number(a) === Number(b);
  if (tag !== '[object Object]' && tag !== '[object Array]' && !ArrayBuffer.isView(a)) return false;
  const [keys, others] = [Object.keys(a as object), Object.keys(b as object)];
  return (
    keys.length === others.length &&
    keys.every((key) => Object.hasOwn(b as object, key) && isEqual(valueOf(a, key), valueOf(b, key), comparing))
  );
}

function valueOf(object: unknown, key: string): unknown {
  return (object as Record<string, unknown>)[key];
}
