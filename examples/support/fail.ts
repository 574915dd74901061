// How the examples end if something fails: one line that says what failed and where, and exit code 1.
import { AsyncStream } from 'asyncstream';

/** Prints the error, its causes, and the stage and element that it came from. For `.catch(fail)`. */
export function fail(error: unknown): void {
  console.error(describe(error));
  process.exitCode = 1;
}

/** The line that `fail` prints. */
export function describe(error: unknown): string {
  const causes = [];
  for (let cause = error; cause instanceof Error; cause = cause.cause) causes.push(messageOf(cause));
  return `${causes.join(': ') || String(error)}${placeOf(error)}`.replaceAll(/\s+/g, ' ');
}

function messageOf(error: Error & { readonly code?: unknown }): string {
  return error.message || (typeof error.code === 'string' ? error.code : error.name);
}

/** With the place in an inner stream after that of the stage that ran it. */
function placeOf(error: unknown): string {
  const places = [];
  for (let trace = AsyncStream.traceOf(error); trace !== undefined; trace = trace.inner) {
    const { method, callback, index } = trace;
    places.push(`${method}${callback ? `(${callback})` : ''}${index === undefined ? '' : `, element ${index}`}`);
  }
  return places.length === 0 ? '' : ` (in ${places.join(': ')})`;
}
