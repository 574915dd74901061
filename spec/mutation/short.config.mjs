import whole from '../../stryker.config.mjs';

/** Of each of the four folders some files, and the specs that kill each mutant of them. */
const FILES = [
  'collectors/at',
  'collectors/join',
  'collectors/support/store',
  'collectors/to-array',
  'engine/structures/queue',
  'engine/structures/ring',
  'sources/poll',
  'stages/distinct-until-changed',
  'stages/merge-sorted',
  'stages/text/decode',
  'stages/throttle',
  'stages/windows',
];
const MORE = ['collectors/to-map', 'collectors/to-object', 'options'];

/**
 * Mutation testing in short, for CI: it fails if a single mutant survives.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  ...whole,
  mutate: FILES.map((file) => `lib/${file}.ts`),
  buildCommand: `${whole.buildCommand} spec/laws/ ${[...FILES, ...MORE].map((file) => `spec/${file}.spec.ts`).join(' ')}`,
  // A mutant may allocate faster than the runner can see.
  testRunnerNodeArgs: ['--no-warnings', '--expose-gc', '--max-old-space-size=2500'],
  thresholds: { high: 100, low: 100, break: 100 },
  reporters: ['clear-text'],
};
