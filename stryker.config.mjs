/**
 * Mutation testing of the library: `npm run mutate -- --mutate lib/stages/take.ts`, or without `--mutate` of all of the
 * engine, the stages, the sources and the terminals.
 *
 * - `MUTATE_SPECS` names the specs to be asked, separated by spaces, by the start of their paths.
 * - `MUTATE_SAMPLE=8` tries every eighth mutant, and of the engine every sixteenth. All others are reported as errors.
 * - `MUTATE_BUDGET` is the number of milliseconds for the tests of one mutant, after which it counts as survived.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['lib/{engine,stages,sources,collectors,iterating}/**/*.ts'],
  plugins: ['./spec/mutation/runner.mjs'],
  testRunner: 'specs',
  testRunnerNodeArgs: ['--no-warnings', '--expose-gc', '--max-old-space-size=6000'],
  buildCommand: 'node spec/mutation/build.mjs',
  coverageAnalysis: 'perTest',
  ignoreStatic: true,
  concurrency: 1,
  timeoutMS: 60_000,
  dryRunTimeoutMinutes: 20,
  tempDirName: '.stryker',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: '.results/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
