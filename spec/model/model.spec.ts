// Some hundred random chains and interleavings. Many more: `npm run fuzz`, which also says how to run one again.
import { describe, test } from '@jest/globals';
import fc from 'fast-check';
import { endsAtAnyMoment, equalToModel } from './chain.ts';
import { holdsTogether } from './graphs.ts';
import { interleavings } from './interleavings.ts';
import { passesOn } from './plumbing.ts';
import { type SourceName, sources } from './sources.ts';
import { terminalsAgree, terminalsEnd } from './terminals.ts';
import { onTime } from './timed.ts';

describe('a random chain', () => {
  test('gives the elements, errors and events of its model', () => fc.assert(equalToModel(), { numRuns: 400 }));

  test('ends promptly at any moment, and leaves nothing open', () => fc.assert(endsAtAnyMoment(), { numRuns: 200 }));

  test('passes everything on through streams of other kinds', () => fc.assert(passesOn(), { numRuns: 200 }));

  test('emits everything on time', () => fc.assert(onTime(), { numRuns: 400 }));
});

test('the branches of a random graph get what is theirs, and hold up nobody', () =>
  fc.assert(holdsTogether(), { numRuns: 150 }));

describe('a terminal of a random chain', () => {
  test('gives the result, the error and the events of its model', () => fc.assert(terminalsAgree(), { numRuns: 500 }));

  test('ends promptly when it is aborted at any moment', () => fc.assert(terminalsEnd(), { numRuns: 100 }));
});

describe('with any consumer, a source', () => {
  test.each(Object.keys(sources) as SourceName[])('%s emits and releases everything on time', (name) =>
    fc.assert(sources[name](), { numRuns: 30 }),
  );
});

describe('whatever the order in which things settle', () => {
  test.each(Object.keys(interleavings))('%s keeps what it promises', (name) =>
    fc.assert(interleavings[name]!(), { numRuns: 30 }),
  );
});
