import { existsSync } from 'node:fs';

import js from '@eslint/js';
import { defineConfig } from 'eslint/config';
import ts from 'typescript-eslint';

/** Names that type-check here and do not exist in Node 20. */
const missingInNode20 = ['DisposableStack', 'AsyncDisposableStack', 'SuppressedError'].map((name) => ({
  name,
  message: 'Type-checks, but does not exist in Node 20.',
}));

const noPackage = {
  regex: '^[^.]',
  message: 'lib/ runs everywhere and depends on nothing: no package, no node: module.',
};
const noClass = {
  regex: '/async-stream\\.ts$',
  message: 'Dependencies point one way: the class imports stages, never the reverse.',
};
const noFeature = {
  regex: '/(stages|collectors|sources|iterating)/',
  message: 'The engine imports no stage, collector or source.',
};

/** Rules that use types need the packages of examples/package.json: `npm run examples` installs them, and lints these. */
const withClients = ['examples/clients/', 'examples/servers/'];
const installed = existsSync(new URL('examples/node_modules', import.meta.url));

export default defineConfig(
  { ignores: ['dist/', 'coverage/', 'docs/site/', '**/node_modules/', ...(installed ? [] : withClients)] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { project: './tsconfig.json', tsconfigRootDir: import.meta.dirname } },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-restricted-globals': ['error', ...missingInNode20],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrorsIgnorePattern: '^_' },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],

      // What a user threw or rejected with is passed on untouched, whatever it is.
      '@typescript-eslint/only-throw-error': 'off',
      '@typescript-eslint/prefer-promise-reject-errors': 'off',
      '@typescript-eslint/use-unknown-in-catch-callback-variable': 'off',
      // There are no enums here (`erasableSyntaxOnly`), and no other rule takes as long.
      '@typescript-eslint/no-unsafe-enum-assignment': 'off',
      // Protocol methods (`next`, `push`, async generators) are async or generators by contract, with or without an await.
      '@typescript-eslint/require-await': 'off',
      'require-yield': 'off',
      // `T | void` and `Promise<void> | void` are how sinks and callbacks say "may answer with a promise".
      '@typescript-eslint/no-invalid-void-type': 'off',
      '@typescript-eslint/no-confusing-void-expression': 'off',
      // Inputs come from JavaScript too: run-time checks of what the types already promise are wanted.
      '@typescript-eslint/no-unnecessary-condition': 'off',
      '@typescript-eslint/no-unnecessary-type-parameters': 'off',
      // Ring buffers and parsers know that an index is in range.
      '@typescript-eslint/no-non-null-assertion': 'off',
      '@typescript-eslint/unified-signatures': 'off',
      // The hot loops take `next` and `push` off their objects and call them with the right `this`, or need none.
      '@typescript-eslint/unbound-method': 'off',
      '@typescript-eslint/no-empty-function': 'off',
    },
  },
  {
    files: withClients.map((folder) => `${folder}**/*.ts`),
    languageOptions: { parserOptions: { project: './examples/tsconfig.json', tsconfigRootDir: import.meta.dirname } },
  },
  {
    files: ['lib/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPackage] }] },
  },
  {
    files: ['lib/stages/**/*.ts', 'lib/collectors/**/*.ts', 'lib/sources/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPackage, noClass] }] },
  },
  {
    files: ['lib/engine/**/*.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [noPackage, noClass, noFeature] }] },
  },
  {
    // Tests pass wrong values on purpose and look at whatever comes back.
    files: ['spec/**/*.ts', 'bench/**/*.ts'],
    rules: {
      '@typescript-eslint/no-explicit-any': 'off',
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      '@typescript-eslint/await-thenable': 'off',
      '@typescript-eslint/no-unnecessary-type-assertion': 'off',
      '@typescript-eslint/ban-ts-comment': 'off',
    },
  },
  {
    // Type tests are compiled and never run.
    files: ['spec/types/**/*.ts'],
    rules: {
      '@typescript-eslint/no-floating-promises': 'off',
      '@typescript-eslint/no-meaningless-void-operator': 'off',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    files: ['examples/browser/page.mjs'],
    languageOptions: { globals: { document: 'readonly', fetch: 'readonly', Option: 'readonly' } },
  },
  {
    // Scripts of the documentation site, which run in a browser.
    files: ['docs/theme/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: { window: 'readonly', document: 'readonly', location: 'readonly', HTMLInputElement: 'readonly' },
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs'],
    languageOptions: {
      globals: Object.fromEntries(
        [
          'AbortController',
          'AbortSignal',
          'Buffer',
          'CompressionStream',
          'DecompressionStream',
          'Event',
          'EventTarget',
          'URL',
          'ReadableStream',
          'Response',
          'TextDecoder',
          'TextDecoderStream',
          'TextEncoder',
          'WritableStream',
          'require',
          'console',
          'performance',
          'process',
          'queueMicrotask',
          'clearImmediate',
          'clearInterval',
          'clearTimeout',
          'setImmediate',
          'setInterval',
          'setTimeout',
          'structuredClone',
          'global',
        ].map((name) => [name, 'readonly']),
      ),
    },
  },
);
