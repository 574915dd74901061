import { ignore } from '../core/promises.ts';
import { realTimer } from '../time/turns.ts';

/** The part of a Node stream that is needed to destroy it. */
export interface Destroyable {
  destroy(error?: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
  listeners?(event: string): unknown[];
  readonly closed?: boolean;
  /** Nothing public says whether a stream will emit 'close', or whether it is busy. */
  readonly _readableState?: State;
  readonly _writableState?: State;
}

interface State {
  readonly emitClose?: boolean;
  readonly constructed?: boolean;
  readonly reading?: boolean;
  readonly writing?: boolean;
}

/** Milliseconds. Files and sockets close faster. */
const PATIENCE = 50;

/**
 * Ignores errors until the stream is closed: one that fails before it is read, or after it was left, would end the
 * process. The stream keeps the error, which is reported when it is read.
 */
export function watchErrors(stream: Destroyable): void {
  if (stream.closed || stream.listeners?.('error').includes(ignore)) return;
  stream.on('error', ignore);
  stream.on('close', unwatch);
}

export function unwatch(this: Destroyable): void {
  this.removeListener('error', ignore);
  this.removeListener('close', unwatch);
}

/**
 * Destroys a stream, and resolves when it is closed. An error in response confirms that. A stream that does not say when
 * it is closed is not waited for. One that is opening, reading or writing may have to end that first, and never does if
 * it is fed by a generator that waits: it is waited for only a short time, unless `patient`.
 */
export function destroy(stream: Destroyable, error?: unknown, patient = false): Promise<void> {
  watchErrors(stream);
  return new Promise((resolve) => {
    const { closed, _readableState, _writableState } = stream;
    const states = [_readableState, _writableState];
    const isBusy = states.some(
      (state) => state?.constructed === false || state?.reading === true || state?.writing === true,
    );
    const stop = isBusy && !patient ? realTimer(() => confirm(), PATIENCE) : ignore;
    const confirm = () => {
      stop();
      stream.removeListener('close', confirm);
      stream.removeListener('error', confirm);
      resolve();
    };
    stream.on('close', confirm);
    stream.on('error', confirm);
    stream.destroy(error);
    if (closed || !states.some((state) => state?.emitClose)) confirm();
  });
}
