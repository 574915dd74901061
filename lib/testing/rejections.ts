interface Emitter {
  on(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
  off(event: 'unhandledRejection', listener: (reason: unknown) => void): unknown;
}

interface RejectionEvent extends Event {
  readonly reason: unknown;
}

/**
 * Reports each unhandled rejection until the returned function is called. Jest hides them from the code that it runs, and
 * fails the test itself.
 */
export function watchRejections(report: (reason: unknown) => void): () => void {
  const { process, addEventListener, removeEventListener } = globalThis as unknown as {
    process?: Partial<Emitter>;
    addEventListener?: (name: string, listener: (event: Event) => void) => void;
    removeEventListener?: (name: string, listener: (event: Event) => void) => void;
  };
  if (typeof process?.on === 'function') {
    const emitter = process as Emitter;
    emitter.on('unhandledRejection', report);
    return () => void emitter.off('unhandledRejection', report);
  }
  const listener = (event: Event) => {
    event.preventDefault();
    report((event as RejectionEvent).reason);
  };
  addEventListener?.('unhandledrejection', listener);
  return () => removeEventListener?.('unhandledrejection', listener);
}
