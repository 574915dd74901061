import { existsSync } from 'node:fs';
import { delimiter, join } from 'node:path';

/** For a machine of CI: without a sandbox, which root has none of, and without anything that goes to the network. */
export const CHROMIUM_FLAGS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];

/**
 * The path of Chromium on this machine.
 *
 * @returns {string}
 */
export function chromiumPath() {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const names = ['chromium', 'chromium-browser', 'google-chrome'];
  const path = names.flatMap((name) => folders.map((folder) => join(folder, name))).find((one) => existsSync(one));
  if (path === undefined) throw new Error('no chromium on this machine: apt-get install chromium');
  return path;
}
