import { type Call, traced } from './engine/core/trace.ts';
import { wrongKind } from './errors.ts';

/** Bytes as they come from files, sockets and responses. */
export type Bytes = ArrayBufferView | ArrayBufferLike;

/** A view of the bytes. If there are none, the error calls the value `name` and is placed at the call. */
export function bytesOf(value: unknown, name: string, rule: string, call: Call | undefined): Uint8Array {
  if (ArrayBuffer.isView(value)) return new Uint8Array(value.buffer, value.byteOffset, value.byteLength);
  // Not `instanceof`: it may come from another realm, and it may be a SharedArrayBuffer.
  if (Object.prototype.toString.call(value).endsWith('ArrayBuffer]')) return new Uint8Array(value as ArrayBuffer);
  throw traced(wrongKind(name, rule, value), call);
}
