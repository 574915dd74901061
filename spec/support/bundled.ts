import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll } from '@jest/globals';
import { buildSync } from 'esbuild';

/**
 * The environment of a process that runs TypeScript with tsx: `asyncstream` is one file there, made of lib/ as it is now.
 * With the two hundred files of lib/ itself such a process takes more than twice the time.
 */
export function bundled(): NodeJS.ProcessEnv {
  const folder = mkdtempSync(join(tmpdir(), 'asyncstream-bundle-'));
  afterAll(() => rmSync(folder, { recursive: true }));
  const bundle = join(folder, 'index.mjs');
  const entry = fileURLToPath(new URL('../../lib/index.ts', import.meta.url));
  buildSync({ entryPoints: [entry], bundle: true, format: 'esm', target: 'es2022', outfile: bundle });
  const tsconfig = join(folder, 'tsconfig.json');
  writeFileSync(tsconfig, JSON.stringify({ compilerOptions: { target: 'es2022', paths: { asyncstream: [bundle] } } }));
  return { TSX_TSCONFIG_PATH: tsconfig };
}
