// The plugin fits the types of each version of ESLint. Checked by `npm run typecheck`, never run.
import type { ESLint as ESLint10, Linter as Linter10 } from 'eslint';
import type { ESLint as ESLint9, Linter as Linter9 } from 'eslint-9';

import { asyncstream } from '../../lib/eslint/index.ts';

const plugins: [ESLint9.Plugin, ESLint10.Plugin] = [asyncstream, asyncstream];
const configs: [Linter9.Config, Linter10.Config] = [asyncstream.configs.recommended, asyncstream.configs.recommended];
void [plugins, configs];
