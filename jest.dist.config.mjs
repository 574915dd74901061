import config from './jest.config.mjs';

/**
 * For `npm run test:dist`: the laws and the specs of sources over the build, in place of `lib/`. What a bundler drops or
 * moves is seen only here.
 */
export default {
  ...config,
  testMatch: [
    '<rootDir>/spec/laws/**/*.spec.ts',
    '<rootDir>/spec/sources/from.spec.ts',
    '<rootDir>/spec/hangs.spec.ts',
  ],
  moduleNameMapper: { ...config.moduleNameMapper, '/lib/index\\.ts$': '<rootDir>/dist/index.js' },
};
