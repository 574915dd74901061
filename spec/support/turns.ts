/** Lets everything run that is ready, and all that follows from it. */
export function idle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Lets several turns of the event loop go by. */
export async function pause(turns: number): Promise<void> {
  while (turns-- > 0) await idle();
}

/** Lets several microtasks go by. */
export async function microtasks(count: number): Promise<void> {
  while (count-- > 0) await null;
}

/** Microtasks that a run may take to be cancelled: some, for a chain of promises that are ready, and no more. */
export const PROMPT = 40;

/** In how many turns of the microtask queue the promise settles. `Infinity` where it takes more than `limit`. */
export async function turnsUntilSettled(promise: Promise<unknown>, limit = 200): Promise<number> {
  let settled = false;
  const note = () => (settled = true);
  promise.then(note, note);
  for (let turns = 0; turns <= limit; turns++) {
    if (settled) return turns;
    await null;
  }
  return Infinity;
}

/** Waits, turn by turn, until something has come about; fails where nothing goes on any more. */
export async function until(hasComeAbout: () => boolean, limit = 1000): Promise<void> {
  // Enough for a timer of a few milliseconds to fire meanwhile.
  for (let turns = 0; !hasComeAbout(); turns++) {
    if (turns === limit) throw new Error(`nothing went on for ${limit} turns`);
    await idle();
  }
}

export type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** What comes of a run: in both cases something that can be compared as a whole. */
export async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { value: await run() };
  } catch (error) {
    return { error };
  }
}

/** What a `for await` loop has seen of it, up to its end or its error. */
export async function seenOf(stream: AsyncIterable<unknown>): Promise<{ seen: unknown[]; error?: unknown }> {
  const seen: unknown[] = [];
  try {
    for await (const value of stream) seen.push(value);
  } catch (error) {
    return { seen, error };
  }
  return { seen };
}
