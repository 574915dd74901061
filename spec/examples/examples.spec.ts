import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from '@jest/globals';

import { describeExamples, examplesIn, runExample } from '../support/example.ts';

const EXAMPLES = examplesIn('examples');

test('they are numbered from 1 on', () => {
  const numbers = EXAMPLES.map((file) => Number(/\/(\d\d)-/.exec(file)![1]));
  expect(numbers).toEqual(EXAMPLES.map((_, index) => index + 1));
});

describeExamples(EXAMPLES, {
  'examples/01-pages.ts': [
    ['kill', 1],
    ['kill', 2],
    ['refuse', 1],
    ['garbage', 1],
  ],
  'examples/06-concurrency.ts': [
    ['kill', 1],
    ['kill', 2],
    ['refuse', 1],
    ['garbage', 1],
  ],
  'examples/09-paged-api.ts': [
    ['kill', 1],
    ['kill', 90],
    ['refuse', 110],
    ['garbage', 110],
  ],
  'examples/10-at-a-time.ts': [
    ['kill', 40],
    ['refuse', 40],
    ['garbage', 40],
  ],
  'examples/11-http-answer.ts': [
    ['kill', 1],
    ['kill', 2],
    ['refuse', 1],
  ],
});

test('a file, a socket and a listener that are left open are found', async () => {
  const { left } = await runExample('spec/examples/leaks.ts');
  expect(left).toEqual([
    expect.stringMatching(/\/LICENSE$/),
    expect.stringMatching(/^socket:/),
    'a listener of process for message',
  ]);
});

test('a run that is stopped early has one element', async () => {
  const { stdout } = await runExample('examples/05-own-collector.ts', { stopAfter: 1 });
  expect(stdout).toMatch(/count: 1,/);
});

describe.each(['examples/02-lines.ts', 'examples/08-gzip-to-csv.ts'])('%s', (file) => {
  test.concurrent.each([
    ['a file that is missing', 'missing.txt', "ENOENT: no such file or directory, open 'missing.txt'"],
    ['a folder', 'lib', 'EISDIR: illegal operation on a directory, read'],
  ])('says that it was given %s', async (_, path, message) => {
    const { stderr, code, left } = await runExample(file, { args: [path] });
    expect({ stderr, code, left }).toEqual({ stderr: `${message} (in from)\n`, code: 1, left: [] });
  });
});

describe('examples/13-watch-a-folder.ts', () => {
  const file = 'examples/13-watch-a-folder.ts';

  test('says that the folder is missing', async () => {
    const { stderr, code, left } = await runExample(file, { args: ['missing'] });
    const message = "ENOENT: no such file or directory, watch 'missing' (in using(()=>watch(folder)))\n";
    expect({ stderr, code, left }).toEqual({ stderr: message, code: 1, left: [] });
  });

  test('goes on when a file is removed, and passes over a folder', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'watched-'));
    try {
      // The watcher misses the files of the rounds before it has started.
      let over = false;
      const writing = (async () => {
        for (let round = 0; !over; round++) {
          await mkdir(join(folder, `folder ${round}`));
          await writeFile(join(folder, 'a.log'), 'again\n');
          await sleep(100);
          await rm(join(folder, 'a.log'));
          await sleep(100);
        }
      })();
      const { stdout, stderr, code, left } = await runExample(file, { args: [folder], stopAfter: 3 });
      over = true;
      await writing;
      expect({ stdout, stderr, code, left }).toEqual({
        stdout: 'a.log: again\n'.repeat(3),
        stderr: '',
        code: 0,
        left: [],
      });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('reads a file from its start that was replaced by a shorter one', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'rotated-'));
    const log = join(folder, 'a.log');
    try {
      let over = false;
      const writing = (async () => {
        while (!over) {
          for (const text of ['the first file\n', 'the second\n']) {
            await writeFile(log, text);
            await sleep(100);
          }
          await rm(log);
          await sleep(100);
        }
      })();
      const { stdout, stderr, code } = await runExample(file, { args: [folder], stopAfter: 4 });
      over = true;
      await writing;
      expect({ stderr, code }).toEqual({ stderr: '', code: 0 });
      expect(stdout).toContain('a.log: the first file\na.log: the second\n');
    } finally {
      await rm(folder, { recursive: true });
    }
  });
});

describe('examples/08-gzip-to-csv.ts', () => {
  const rows = '{"id": 1, "city": "Oslo", "total": 995, "paid": true}\n'.repeat(1000);
  const whole = gzipSync(rows);

  test.concurrent.each([
    [
      'a file that is no gzip',
      Buffer.from(rows),
      /^incorrect header check \(in pipeThrough\([^\n]*createGunzip[^\n]*\)\)\n$/,
    ],
    [
      'a truncated file',
      whole.subarray(0, -20),
      /^unexpected end of file \(in pipeThrough\([^\n]*createGunzip[^\n]*\)\)\n$/,
    ],
    [
      'a line that is cut off',
      gzipSync(`${rows}{"id": 2, "ci`),
      /^[^\n]+JSON[^\n]+ \(in map\(parseOrder\), element 1000\)\n$/,
    ],
  ])('says that it was given %s', async (_, bytes, message) => {
    const folder = await mkdtemp(join(tmpdir(), 'gzip-'));
    try {
      const path = join(folder, 'orders.ndjson.gz');
      await writeFile(path, bytes);
      const { stderr, code, left } = await runExample('examples/08-gzip-to-csv.ts', { args: [path] });
      expect({ stderr, code, left }).toEqual({ stderr: expect.stringMatching(message), code: 1, left: [] });
    } finally {
      await rm(folder, { recursive: true });
    }
  });

  test('uses less than 64 MB however much it has read', async () => {
    const { stdout } = await runExample('examples/08-gzip-to-csv.ts');
    const used = [...stdout.matchAll(/([\d.]+) MB used/g)].map(([, megabytes]) => Number(megabytes));
    expect(used).toHaveLength(3);
    expect(Math.max(...used)).toBeLessThan(64);
  });
});
