import base from './jest.config.mjs';

/** The specs of the generated site: `npm run docs` comes first. */
export default { ...base, roots: ['<rootDir>/docs'], testMatch: ['<rootDir>/docs/*.spec.ts'] };
