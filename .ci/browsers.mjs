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

const COMMANDS = {
  chromium: ['chromium', 'chromium-browser', 'google-chrome'],
  firefox: ['firefox-esr', 'firefox'],
};

/**
 * The path of a browser on this machine.
 *
 * @param {keyof COMMANDS} name
 * @returns {string}
 */
export function browserPath(name) {
  const folders = (process.env.PATH ?? '').split(delimiter);
  const paths = COMMANDS[name].flatMap((command) => folders.map((folder) => join(folder, command)));
  const path = paths.find((one) => existsSync(one));
  if (path === undefined) throw new Error(`no ${name} on this machine: apt-get install ${COMMANDS[name][0]}`);
  return path;
}
