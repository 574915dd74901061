/**
 * Mutation testing of the library: `npm run mutate -- --mutate lib/stages/take.ts`, or without `--mutate` of all of the
 * engine, the stages, the sources and the terminals.
 *
 * - `MUTATE_SPECS` names the specs to be asked, separated by spaces, by the start of their paths.
 * - `MUTATE_SAMPLE=8` tries every eighth mutant. All others are reported as errors.
 * - `MUTATE_BUDGET` is the number of milliseconds of the processor for the tests of one mutant, after which it counts as
 *   survived.
 * - `MUTATE_LOG` names a file that gets a line of JSON for each mutant as soon as it has been tried.
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
  ignorePatterns: ['.ci/runtimes/installed', 'bench/node-versions', 'docs/site'],
  cleanTempDir: 'always',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: '.results/mutation.json' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
