/** The part of a Node `Readable` that is used. */
export interface Readable {
  read(): unknown;
  on(event: string, listener: (error?: unknown) => void): unknown;
  removeListener(event: string, listener: (error?: unknown) => void): unknown;
  destroy(): unknown;
  readonly readableObjectMode: boolean;
  readonly readableEnded: boolean;
  readonly destroyed: boolean;
  readonly closed: boolean;
  readonly errored: unknown;
}

export function isReadable(input: unknown): input is Readable {
  const { read, on, readableObjectMode } = Object(input) as Partial<Readable>;
  return typeof read === 'function' && typeof on === 'function' && typeof readableObjectMode === 'boolean';
}

/** One promise for all that the stream has in its buffer, and each chunk taken out of it only when it is asked for. */
export function readBatches(stream: Readable): AsyncIterator<Iterator<unknown>> {
  let ended = stream.readableEnded;
  let failure: { readonly error: unknown } | undefined =
    stream.errored == undefined ? undefined : { error: stream.errored };
  let closed = stream.closed;
  let wake: () => void = ignore;

  const listeners: [event: string, listener: (error?: unknown) => void][] = [
    ['readable', () => wake()],
    ['end', () => ((ended = true), wake())],
    ['error', (error) => ((failure ??= { error }), wake())],
    ['close', () => ((closed = true), wake())],
  ];
  for (const [event, listener] of listeners) stream.on(event, listener);

  function detach(): void {
    for (const [event, listener] of listeners) stream.removeListener(event, listener);
    // A stream may still fail while it closes; without a listener that would end the process.
    stream.on('error', ignore);
  }

  function* batch(first: unknown) {
    for (let chunk = first; chunk !== null; chunk = stream.read()) yield chunk;
  }

  return {
    async next() {
      for (;;) {
        const chunk = stream.destroyed ? null : stream.read();
        if (chunk !== null) return { done: false, value: batch(chunk) };
        if (failure === undefined && !ended && !closed) {
          await new Promise<void>((resolve) => (wake = resolve));
          continue;
        }
        detach();
        if (failure !== undefined) throw failure.error;
        if (ended) return { done: true, value: undefined };
        throw Object.assign(new Error('the stream was closed before its end'), { code: 'ERR_STREAM_PREMATURE_CLOSE' });
      }
    },
    async return() {
      stream.destroy();
      while (!closed && failure === undefined) await new Promise<void>((resolve) => (wake = resolve));
      detach();
      if (failure !== undefined) throw failure.error;
      return { done: true, value: undefined };
    },
  };
}

function ignore(): void {}
