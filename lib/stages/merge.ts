import { Branch, Branches } from '../engine/branch.ts';
import { Channel } from '../engine/channel.ts';
import { closing, discardAll, type Source } from '../engine/source.ts';

/** Elements of all sources in the order in which they come. A source is read again when its element was consumed. */
export function merge<T>(sources: readonly Source<T>[]): Source<T> {
  return {
    discard: () => discardAll(sources),
    feed(next, scope) {
      const channel = new Merging<T>(sources.length);
      const branches = new Branches(scope);
      const opened = sources.map((source) => new Branch(source, branches, channel));
      return closing(
        scope,
        () => branches.close(),
        () => {
          for (const branch of opened) branch.go();
          return channel.feed(next, scope, true);
        },
      );
    },
  };
}

/** Ends when all of its producers have ended. */
class Merging<T> extends Channel<T> {
  #open: number;

  constructor(open: number) {
    super(0);
    this.#open = open;
    if (open === 0) this.end();
  }

  override ended(): void {
    if (--this.#open === 0) this.end();
  }
}
