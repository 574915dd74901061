/** @type {import('jest').Config} */
export default {
  testEnvironment: '<rootDir>/.ci/jest-environment.cjs',
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  // Not dist/ and bench/: they hold packages of their own, and nothing that a spec imports.
  roots: ['<rootDir>/lib', '<rootDir>/spec', '<rootDir>/examples'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: {
    '^asyncstream$': '<rootDir>/lib/index.ts',
    '^asyncstream/testing$': '<rootDir>/lib/testing/index.ts',
  },
  transform: { '\\.ts$': '<rootDir>/.ci/jest-transform.cjs' },
  // One process for each core. A process keeps some memory of each file that it has run, and garbage collections take
  // longer with each of them, so it is replaced now and then.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '300MB',
  // For machines that are busy with something else: no spec says by it how fast anything is.
  testTimeout: 60_000,
};
