import { ignore } from '../core/promises.ts';
import { realTimer } from '../time/turns.ts';

/** The part of a Node stream that is needed to destroy it. */
export interface Destroyable {
  destroy(error?: unknown): unknown;
  on(event: string, listener: () => void): unknown;
  removeListener(event: string, listener: () => void): unknown;
  listeners?(event: string): unknown[];
  readonly closed?: boolean;
  readonly errored?: unknown;
  /** Nothing public says whether a stream will emit 'close', or whether it is busy. */
  readonly _readableState?: State;
  readonly _writableState?: State;
}

interface State {
  readonly emitClose?: boolean;
  readonly errorEmitted?: boolean;
  readonly constructed?: boolean;
  readonly reading?: boolean;
  readonly ended?: boolean;
  readonly length?: number;
  readonly highWaterMark?: number;
  readonly writing?: boolean;
}

/** Milliseconds. Most streams close faster. */
const PATIENCE = 1000;
/** For a busy stream. Files and sockets close faster. */
const SHORT_PATIENCE = 50;

/**
 * Ignores errors until the stream is closed: one that fails before it is read, or after it was left, would end the
 * process. The stream keeps the error, which is reported when it is read.
 */
export function watchErrors(stream: Destroyable): void {
  const { closed, errored, _readableState, _writableState } = stream;
  // The error of one that is closed may still be on its way.
  const isOver = closed && (errored == null || (_readableState ?? _writableState)?.errorEmitted !== false);
  if (isOver || stream.listeners?.('error').includes(ignore)) return;
  stream.on('error', ignore);
  stream.on('close', unwatch);
}

export function unwatch(this: Destroyable): void {
  this.removeListener('error', ignore);
  this.removeListener('close', unwatch);
}

/**
 * Destroys a stream, and resolves when it is closed. An error in response confirms that. A stream that does not say when
 * it is closed is not waited for. Others are waited for only a while, unless `patient`: one over a generator that waits
 * never closes.
 */
export function destroy(stream: Destroyable, error?: unknown, patient = false): Promise<void> {
  watchErrors(stream);
  return new Promise((resolve) => {
    const { closed, _readableState, _writableState } = stream;
    const stop = patient ? ignore : realTimer(() => confirm(), isBusy(stream) ? SHORT_PATIENCE : PATIENCE);
    const confirm = () => {
      stop();
      stream.removeListener('close', confirm);
      stream.removeListener('error', confirm);
      resolve();
    };
    stream.on('close', confirm);
    stream.on('error', confirm);
    stream.destroy(error);
    if (closed || (_readableState ?? _writableState)?.emitClose !== true) confirm();
  });
}

/** Whether it is opening, reading or writing. A stream reads ahead as long as it has room. */
function isBusy({ _readableState, _writableState }: Destroyable): boolean {
  const { constructed = true, reading = false, ended = true, length = 0, highWaterMark = 0 } = _readableState ?? {};
  const isReading = reading || (!ended && length < highWaterMark);
  return !constructed || isReading || _writableState?.constructed === false || _writableState?.writing === true;
}
