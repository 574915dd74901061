// Stands in for two services that write logs: they append to their files now and then, in pieces that end anywhere.
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as aWhile } from 'node:timers/promises';

const PIECES = [
  ['web.log', 'GET /\nGET /ab'],
  ['web.log', 'out\n'],
  ['jobs.log', 'backup started\n'],
  ['web.log', 'GET /caf\xc3'],
  ['web.log', '\xa9\n'],
  ['jobs.log', 'backup done\n'],
] as const;

/** Writes until the signal aborts. */
export async function writeLogs(folder: string, signal: AbortSignal): Promise<void> {
  for (const [file, piece] of PIECES) {
    await aWhile(100);
    if (signal.aborted) return;
    await appendFile(join(folder, file), piece, 'latin1');
  }
}
