// Bundles the specs for `runner.mjs`: one module for each spec, and the library once for all of them.
import { readdir, readFile, rm } from 'node:fs/promises';
import { pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const OUT = '.mutation';

/** Specs of other programs, servers and long loops, and those of the files that are not mutated. */
const LEFT_OUT =
  /spec\/(examples|eslint|english|compiler-messages|costs|docs|guides|package|patterns|surface|traps|dispose|handles|faults|sources\/real)|spec\/testing/;

/** Specs find their files by their own address, which bundling would change. */
const ownAddress = {
  name: 'own-address',
  setup(bundle) {
    bundle.onLoad({ filter: /spec\/.*\.ts$/ }, async ({ path }) => {
      const text = await readFile(path, 'utf8');
      return { loader: 'ts', contents: text.replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)) };
    });
  },
};

/** The arguments, or `MUTATE_SPECS`, separated by spaces, name the specs to be asked. By default all are. */
const named = process.argv.length > 2 ? process.argv.slice(2) : process.env.MUTATE_SPECS?.split(' ');

/** One module for the specs and for the runner. */
const globals = {
  name: 'globals',
  setup(bundle) {
    bundle.onResolve({ filter: /^@jest\/globals$/ }, () => ({
      path: new URL('globals.mjs', import.meta.url).href,
      external: true,
    }));
  },
};

const specs = (await readdir('spec', { recursive: true }))
  .map((path) => `spec/${path}`)
  .filter((path) => path.endsWith('.spec.ts') && !LEFT_OUT.test(path))
  .filter((path) => named === undefined || named.some((part) => path.startsWith(part)));

await rm(OUT, { recursive: true, force: true });
await build({
  entryPoints: specs.sort(),
  outdir: OUT,
  outbase: '.',
  outExtension: { '.js': '.mjs' },
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'es2023',
  packages: 'external',
  alias: {
    asyncstream: './lib/index.ts',
    'asyncstream/testing': './lib/testing/index.ts',
  },
  plugins: [globals, ownAddress],
  keepNames: true,
  logLevel: 'warning',
});
