import config from './jest.config.mjs';

// Read by spec/support/soak.ts. The processes that run the specs inherit it.
process.env.SOAK = 'full';

/** `npm run soak:specs`, a part of `npm run soak`: the specs with long loops, at their full length. */
export default config;
