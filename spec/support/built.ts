import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { afterAll } from '@jest/globals';
import { build } from 'esbuild';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/**
 * Builds programs of this project, and returns where each of them is. Node starts one in a quarter of the time that it
 * needs with tsx. The programs share one copy of lib/, which is made of lib/ as it is now.
 */
export async function built<File extends string>(files: readonly File[]): Promise<(file: File) => string> {
  // Where they find their packages, and no other tool looks.
  const cache = join(ROOT, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const outdir = mkdtempSync(join(cache, 'asyncstream-built-'));
  afterAll(() => rmSync(outdir, { recursive: true }));
  await build({
    absWorkingDir: ROOT,
    entryPoints: [...files],
    outdir,
    outbase: ROOT,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    format: 'esm',
    platform: 'node',
    target: 'es2022',
    packages: 'external',
    alias: { asyncstream: join(ROOT, 'lib/index.ts') },
    // As tsx does: a trace shows the names and the code of functions.
    keepNames: true,
    minifyWhitespace: true,
    plugins: [{ name: 'import.meta.url', setup: ({ onLoad }) => onLoad({ filter: /\.ts$/ }, atItsPlace) }],
  });
  return (file) => join(outdir, file.replace(/ts$/, 'mjs'));
}

/** Builds a module of this project, and returns the address to import it from. */
export async function builtModule(file: string): Promise<string> {
  return pathToFileURL((await built([file]))(file)).href;
}

/** The code of a file that finds other files as it does without being built. */
async function atItsPlace({ path }: { path: string }): Promise<{ loader: 'ts'; contents: string }> {
  const url = JSON.stringify(pathToFileURL(path).href);
  return { loader: 'ts', contents: (await readFile(path, 'utf8')).replaceAll('import.meta.url', url) };
}
