import { expect, test } from '@jest/globals';

import { describeExamples, examplesIn } from '../../spec/support/example.ts';

const EXAMPLES = examplesIn('examples/clients');

test('they are numbered from 21 on', () => {
  const numbers = EXAMPLES.map((file) => Number(/\/(\d\d)-/.exec(file)![1]));
  expect(numbers).toEqual(EXAMPLES.map((_, index) => index + 21));
});

describeExamples(EXAMPLES, {
  'examples/clients/21-tokens.ts': [
    ['kill', 1],
    ['kill', 20],
    ['kill', 90],
    ['refuse', 1],
    ['refuse', 2],
    ['garbage', 1],
    ['garbage', 24],
  ],
  'examples/clients/22-ticker.ts': [
    ['kill', 1],
    ['kill', 60],
    ['refuse', 1],
    ['refuse', 5],
    ['garbage', 1],
    ['garbage', 60],
  ],
  'examples/clients/23-bucket.ts': [
    ['kill', 1],
    ['kill', 10],
    ['refuse', 3],
    ['garbage', 3],
  ],
});
