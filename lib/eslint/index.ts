import { noFloatingStreams } from './no-floating-streams.ts';
import type { Plugin, Rules } from './types.ts';

export type { Config, Plugin, Rule, Rules } from './types.ts';

const rules: Rules = { meta: { name: 'asyncstream' }, rules: { 'no-floating-streams': noFloatingStreams } };

/** The rules of asyncstream for ESLint 9 and 10, and a configuration that turns them on. */
export const asyncstream: Plugin = {
  ...rules,
  configs: {
    recommended: {
      name: 'asyncstream/recommended',
      plugins: { asyncstream: rules },
      rules: { 'asyncstream/no-floating-streams': 'error' },
    },
  },
};
