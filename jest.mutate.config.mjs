import { fileURLToPath } from 'node:url';
import config from './jest.config.mjs';

const specs = process.env.MUTATE_SPECS?.split(' ').map((path) => `<rootDir>/${path}`);

/**
 * The specs that `npm run mutate` asks of each mutant.
 *
 * @type {import('jest').Config}
 */
export default {
  ...config,
  // By its full path: stryker puts an environment of its own around it, and does not know of `<rootDir>`.
  testEnvironment: fileURLToPath(new URL('.ci/jest-environment.cjs', import.meta.url)),
  testMatch: specs ?? config.testMatch,
  testPathIgnorePatterns: ['/node_modules/', 'spec/examples/', 'spec/(costs|docs|package|patterns|testing)'],
  testTimeout: 5000,
};
