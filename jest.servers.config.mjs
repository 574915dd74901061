import config from './jest.config.mjs';

/** `npm run examples:servers`: the examples that need PostgreSQL, Redis, NATS, or several cores. */
export default { ...config, testMatch: ['<rootDir>/examples/spec/servers/*.spec.ts'], testTimeout: 240_000 };
