import { expect, test } from '@jest/globals';

import { describeExamples, examplesIn } from '../../spec/support/example.ts';

const EXAMPLES = examplesIn('examples/clients');

test('they are numbered from 21 on', () => {
  const numbers = EXAMPLES.map((file) => Number(/\/(\d\d)-/.exec(file)![1]));
  expect(numbers).toEqual(EXAMPLES.map((_, index) => index + 21));
});

describeExamples(EXAMPLES, {});
