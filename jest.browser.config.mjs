import config from './jest.config.mjs';

/** `npm run browser`: the page in a real Chromium. */
export default { ...config, testMatch: ['<rootDir>/examples/browser/*.spec.ts'] };
