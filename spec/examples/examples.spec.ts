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
    ['garbage', 1],
  ],
  'examples/06-concurrency.ts': [
    ['kill', 1],
    ['kill', 2],
    ['garbage', 1],
  ],
});

describe('examples/02-lines.ts', () => {
  test.each([
    ['a file that is missing', 'missing.txt', "ENOENT: no such file or directory, open 'missing.txt'"],
    ['a folder', 'lib', 'EISDIR: illegal operation on a directory, read'],
  ])('says that it was given %s', async (_, path, message) => {
    const { stderr, code, left } = await runExample('examples/02-lines.ts', { args: [path] });
    expect({ stderr, code, left }).toEqual({ stderr: `${message} (in from)\n`, code: 1, left: [] });
  });
});
