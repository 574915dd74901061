/**
 * Mutation testing of the library: `npm run mutate -- --mutate lib/stages/take.ts`. Without `--mutate` it takes all of
 * the engine, the stages, the sources and the terminals, which is a matter of many hours. `MUTATE_SPECS` names the specs
 * to be asked, separated by spaces; by default these are all that do not run long loops, servers or programs.
 *
 * @type {import('@stryker-mutator/api/core').PartialStrykerOptions}
 */
export default {
  mutate: ['lib/{engine,stages,sources,collectors,iterating}/**/*.ts'],
  testRunner: 'jest',
  testRunnerNodeArgs: ['--experimental-vm-modules', '--no-warnings'],
  // The related tests that jest finds for ES modules are not all: mutants would survive that the suite kills.
  jest: { configFile: 'jest.mutate.config.mjs', enableFindRelatedTests: false },
  coverageAnalysis: 'perTest',
  concurrency: 1,
  timeoutMS: 20_000,
  tempDirName: '.stryker',
  cleanTempDir: 'always',
  reporters: ['clear-text', 'json'],
  jsonReporter: { fileName: '.results/mutation.report' },
  clearTextReporter: { allowColor: false, logTests: false, reportTests: false },
};
