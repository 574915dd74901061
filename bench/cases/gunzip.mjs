import { createReadStream, createWriteStream, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGunzip, gzipSync } from 'node:zlib';
import { AsyncStream } from '../../dist/index.js';
import { ELEMENTS } from './common.mjs';

/** Bytes of the unpacked file: 200 MB. */
const SIZE = ELEMENTS * 1000;

let folder;

/** The packed file, written when the row first runs, and the one to unpack it into. */
function files() {
  if (folder === undefined) {
    folder = mkdtempSync(join(tmpdir(), 'asyncstream-bench-'));
    process.on('exit', () => rmSync(folder, { recursive: true }));
    const line = (i) => `${i};${(i * 2654435761) % 4294967296};some text that repeats\n`;
    const text = Array.from({ length: 20_000 }, (_, i) => line(i)).join('');
    const part = gzipSync(text.padEnd(1_000_000, 'x').slice(0, 1_000_000));
    writeFileSync(join(folder, 'packed'), Buffer.concat(Array.from({ length: SIZE / 1_000_000 }, () => part)));
  }
  return [createReadStream(join(folder, 'packed')), createWriteStream(join(folder, 'unpacked'))];
}

const written = () => statSync(join(folder, 'unpacked')).size;

/** @type {import('./common.mjs').Row} */
export default {
  name: 'gunzip',
  title: '200 MB through gunzip into a file, against `pipeline` of `stream/promises`',
  bar: 1.15,
  competitors: {
    'by hand': async () => {
      const [packed, unpacked] = files();
      await pipeline(packed, createGunzip(), unpacked);
      return written();
    },
    asyncstream: async () => {
      const [packed, unpacked] = files();
      await AsyncStream.from(packed).pipeThrough(createGunzip()).pipeTo(unpacked);
      return written();
    },
  },
};
