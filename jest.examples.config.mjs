import config from './jest.config.mjs';

/** `npm run examples`: the examples that need clients or servers. */
export default { ...config, testMatch: ['<rootDir>/examples/spec/*.spec.ts'] };
