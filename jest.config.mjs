/** @type {import('jest').Config} */
export default {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/spec/**/*.spec.ts'],
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/bench/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleNameMapper: { '^asyncstream$': '<rootDir>/lib/index.ts' },
  // Types are checked by `npm run typecheck`: in ESM mode ts-jest drops type errors in silence.
  transform: {
    '^.+\\.ts$': [
      'ts-jest',
      { useESM: true, tsconfig: '<rootDir>/tsconfig.json', isolatedModules: true, diagnostics: false },
    ],
  },
};
