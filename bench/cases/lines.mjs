import { createReadStream, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Effect, Stream } from 'effect';
import { AsyncStream } from '../../dist/index.js';
import { ELEMENTS, itself, zero } from './common.mjs';

const WORDS = ['alpha', 'naïve', 'gamma', 'Straße', 'epsilon', '数据流', 'theta', 'café', 'lambda', '🚀 omega'];

/** Lines of about 55 characters, half of them with words beyond ASCII. */
function text() {
  const lines = Array.from({ length: ELEMENTS }, (_, i) => {
    const word = (offset) => WORDS[(i + offset) % WORDS.length];
    return `${i};${word(0)};${word(3)};${word(6)};${'x'.repeat(15 + (i % 20))};${word(8)}`;
  });
  return lines.join('\n') + '\n';
}

let path;

/** Written when the row first runs, removed when the process ends. */
function file() {
  if (path !== undefined) return path;
  const folder = mkdtempSync(join(tmpdir(), 'asyncstream-bench-'));
  process.on('exit', () => rmSync(folder, { recursive: true }));
  path = join(folder, 'lines.txt');
  writeFileSync(path, text());
  return path;
}

/** Looks at both ends of a line, so that a cut or a wrongly decoded one shows. */
const check = (total, line) => total + line.length + line.charCodeAt(0) + line.charCodeAt(line.length - 1);

/** @type {import('./common.mjs').Row} */
export default {
  name: 'lines',
  title: 'lines of a 200 000-line file, against `readline`',
  bar: 0.45,
  aim: 0.25,
  competitors: {
    'by hand': async () => {
      let total = 0;
      for await (const line of createInterface({ input: createReadStream(file()), crlfDelay: Infinity })) {
        total = check(total, line);
      }
      return total;
    },
    asyncstream: () => AsyncStream.from(createReadStream(file())).lines().reduce(check, 0),
    effect: () =>
      Stream.fromAsyncIterable(createReadStream(file()), itself).pipe(
        Stream.decodeText(),
        Stream.splitLines,
        Stream.runFold(zero, check),
        Effect.runPromise,
      ),
  },
};
