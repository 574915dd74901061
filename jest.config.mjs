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
  // Types are checked by `npm run lint`: in ESM mode ts-jest drops type errors in silence, so here it only transpiles
  // (`isolatedModules` of tsconfig.json), and leaves the `.ts` of imports as it is.
  transform: { '\\.ts$': ['ts-jest', { useESM: true, tsconfig: { rewriteRelativeImportExtensions: false } }] },
  // One process for each core. A process keeps some memory of each file that it has run, so it is replaced when it has
  // grown this large. A new one takes a second of the processor.
  maxWorkers: '100%',
  workerIdleMemoryLimit: '1GB',
  // For machines that are busy with something else: no spec says by it how fast anything is.
  testTimeout: 60_000,
};
