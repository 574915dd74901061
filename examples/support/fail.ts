// How the examples end if something fails: one line that says what failed and where, and exit code 1.
import { AsyncStream } from 'asyncstream';

/** Prints the error, its cause, and the stage and element that it came from. For `.catch(fail)`. */
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

function placeOf(error: unknown): string {
  const trace = AsyncStream.traceOf(error);
  if (trace === undefined) return '';
  const element = trace.index === undefined ? '' : `, element ${trace.index}`;
  return ` (in ${trace.method}${trace.callback === undefined ? '' : `(${trace.callback})`}${element})`;
}
