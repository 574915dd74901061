import { noFloatingStreams } from './no-floating-streams.ts';
import type { Config, Plugin } from './types.ts';

export type { Config, Plugin, Rule } from './types.ts';

const recommended: Config = {
  name: 'asyncstream/recommended',
  // A getter, since the plugin and its configuration name each other.
  get plugins() {
    return { asyncstream };
  },
  rules: { 'asyncstream/no-floating-streams': 'error' },
};

/** The rules of asyncstream for ESLint 9 and 10. */
export const asyncstream: Plugin = {
  meta: { name: 'asyncstream' },
  rules: { 'no-floating-streams': noFloatingStreams },
  configs: { recommended },
};
