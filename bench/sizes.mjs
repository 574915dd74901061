/**
 * Measures what asyncstream and its peers add to a bundle, minified and gzipped: a program with one small pipeline, and
 * everything that each of them exports (of effect, `Effect` and `Stream`; of ix, the asynchronous
 * part). Writes sizes.json, which the page of the benchmarks draws.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, version as esbuild } from 'esbuild';
import { buildLibrary, installPeers, table } from './tools.mjs';

installPeers();
buildLibrary();

const folder = fileURLToPath(new URL('.', import.meta.url));
const TASK = 'array → map → filter → toArray, with asynchronous callbacks';

/** By name: the module to import, and the task in the idiom of the package, with `input`, `fn` and `test` as globals. */
const packages = {
  asyncstream: {
    from: '../dist/index.js',
    manifest: '../package.json',
    pipeline: `import { AsyncStream } from '../dist/index.js';
      export default AsyncStream.from(input).map(fn).filter(test).toArray();`,
  },
  ix: {
    whole: "export * from 'ix/asynciterable'; export * from 'ix/asynciterable/operators';",
    pipeline: `import { from, toArray } from 'ix/asynciterable';
      import { filter, map } from 'ix/asynciterable/operators';
      export default toArray(from(input).pipe(map(fn), filter(test)));`,
  },
  rxjs: {
    pipeline: `import { concatMap, filter, from, lastValueFrom, map, toArray } from 'rxjs';
      const tested = concatMap(async (x) => [await test(x), x]);
      export default lastValueFrom(from(input).pipe(concatMap(fn), tested, filter(([ok]) => ok), map(([, x]) => x), toArray()));`,
  },
  'streaming-iterables': {
    pipeline: `import { collect, filter, map, pipeline } from 'streaming-iterables';
      export default pipeline(() => input, map(fn), filter(test), collect);`,
  },
  'iter-ops': {
    pipeline: `import { filter, map, pipeAsync, toArray, wait } from 'iter-ops';
      const tested = map(async (x) => [await test(x), x]);
      const pipe = pipeAsync(input, map(fn), wait(), tested, wait(), filter(([ok]) => ok), map(([, x]) => x), toArray());
      export default pipe.first;`,
  },
  'iter-tools': {
    pipeline: `import { arrayFromAsync, asyncFilter, asyncMap, execPipe } from 'iter-tools';
      export default execPipe(input, asyncMap(fn), asyncFilter(test), arrayFromAsync);`,
  },
  effect: {
    whole: "export { Effect, Stream } from 'effect';",
    pipeline: `import { Effect, Stream } from 'effect';
      const effect = (fn) => (x) => Effect.promise(() => fn(x));
      const stream = Stream.fromArray(input).pipe(Stream.mapEffect(effect(fn)), Stream.filterEffect(effect(test)));
      export default Effect.runPromise(Stream.runCollect(stream)).then((values) => Array.from(values));`,
  },
  'fluent-iterable': {
    from: '@codibre/fluent-iterable',
    pipeline: `import { fluent } from '@codibre/fluent-iterable';
      export default fluent(input).toAsync().map(fn).filter(test).toArray();`,
  },
  'p-map': {
    whole: "export { default, pMapIterable } from 'p-map';",
  },
};

const sizes = [];
for (const [name, { from = name, manifest, whole, pipeline }] of Object.entries(packages)) {
  const { version } = JSON.parse(
    readFileSync(new URL(manifest ?? `node_modules/${from}/package.json`, import.meta.url), 'utf8'),
  );
  sizes.push({
    name,
    version,
    whole: await sizeOf(whole ?? `export * from '${from}';`),
    ...(pipeline && { pipeline: await pipelineOf(name, pipeline) }),
  });
}

console.log(`${TASK}\n`);
console.log(
  table([
    ['bytes, minified and gzipped', 'one pipeline', 'whole package'],
    ...sizes.map(({ name, version, pipeline, whole }) => [
      `${name} ${version}`,
      String(pipeline ?? '—'),
      String(whole),
    ]),
  ]),
);
const date = new Date().toISOString().slice(0, 10);
writeFileSync(
  new URL('sizes.json', import.meta.url),
  `${JSON.stringify({ date, esbuild, task: TASK, sizes }, null, 1)}\n`,
);

/** The size of a program with the pipeline, which has to return the right result. */
async function pipelineOf(name, code) {
  const free = `const input = globalThis.input, fn = globalThis.fn, test = globalThis.test; ${code}`;
  const require = createRequire(import.meta.url);
  Object.assign(globalThis, { require, input: [1, 2, 3], fn: async (x) => x * 2, test: async (x) => x > 2 });
  const module = await import(`data:text/javascript;base64,${Buffer.from(await bundle(free)).toString('base64')}`);
  const result = await module.default;
  if (String(result) !== '4,6') throw new Error(`${name} returns ${result}`);
  return sizeOf(free);
}

async function sizeOf(code) {
  return gzipSync(await bundle(code), { level: 9 }).length;
}

async function bundle(contents) {
  const { outputFiles } = await build({
    stdin: { contents, resolveDir: folder },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    // Of Node, or optional: fluent-iterable requires them.
    external: ['events', 'for-emit-of'],
    write: false,
    logLevel: 'error',
  });
  return outputFiles[0].text;
}
