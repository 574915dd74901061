// The longest lines of a text file, with only a few lines in memory: node --import tsx examples/02-lines.ts [file]
import { createReadStream } from 'node:fs';

import { AsyncStream } from 'asyncstream';

import { fail } from './support/fail.ts';

const file = process.argv[2] ?? new URL('../LICENSE', import.meta.url);

try {
  const longest = await AsyncStream.from(createReadStream(file))
    .lines()
    .map((text, index) => ({ number: index + 1, text }))
    .top(3, (a, b) => a.text.length - b.text.length);

  for (const { number, text } of longest) console.log(`${number}: ${text}`);
} catch (error) {
  fail(error);
}

// Prints:
// 12: The above copyright notice and this permission notice shall be included in all
// 6: of this software and associated documentation files (the "Software"), to deal
// 19: LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
