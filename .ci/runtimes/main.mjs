/**
 * `npm run runtimes [-- name…]`: installs the packed package from the outside, as its users do, and tries it.
 *
 * - On each version of Node, on Bun, Deno and Cloudflare's workerd, in Chromium and in Firefox, all of `checks.mjs` run, with the package
 *   imported, and required where that is possible.
 * - With each version of TypeScript, a program that uses the package compiles, and a wrong one does not.
 * - With each version of Node's types, a program that listens to emitters gets the types of their events.
 * - With each bundler, `checks.mjs` and the package are bundled, and the bundle runs on this Node.
 *
 * Runtimes, compilers and bundlers come from npm, into `installed/` beside this file, once. The browsers have to be
 * there.
 */
import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { browserPath, CHROMIUM_FLAGS } from '../browsers.mjs';
import { bin, install, npm } from './install.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));
const root = fileURLToPath(new URL('../..', import.meta.url));
const run = promisify(execFile);

/** A project that has installed the package, and holds the checks. */
async function makeProject() {
  const project = await mkdtemp(join(tmpdir(), 'asyncstream-runtimes-'));
  await writeFile(join(project, 'package.json'), '{ "private": true }');
  const [{ filename }] = JSON.parse(
    await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', project),
  );
  await npm(project, 'install', '--offline', '--no-audit', '--no-fund', `./${filename}`);
  for (const file of ['checks.mjs', 'esm.mjs', 'cjs.cjs']) await cp(join(here, file), join(project, file));
  return project;
}

/** Runs a program that prints the results of its checks as JSON. */
async function resultsOf(command, args, cwd) {
  const { stdout } = await run(command, args, { cwd, timeout: 120_000, maxBuffer: 2 ** 24 });
  return JSON.parse(stdout);
}

const node = (version) => async (project) => {
  const command = bin(await install('node', version), 'node');
  return [
    ...(await resultsOf(command, ['esm.mjs'], project)),
    ...(await resultsOf(command, ['cjs.cjs'], project)),
    ...(version < 26 ? [] : await streamIterResults(command, project)),
  ];
};

/** Batches of bytes, as the experimental module `stream/iter` gives them. */
async function streamIterResults(command, project) {
  await writeFile(
    join(project, 'stream-iter.mjs'),
    `import { from } from 'node:stream/iter';
    import { AsyncStream } from 'asyncstream';
    const lines = await AsyncStream.from(from('eins\\nzwei')).flat().lines().toArray();
    const error = lines.join() === 'eins,zwei' ? undefined : 'got ' + lines;
    console.log(JSON.stringify([{ name: 'reads the batches of stream/iter', error }]));`,
  );
  return resultsOf(command, ['--no-warnings', '--experimental-stream-iter', 'stream-iter.mjs'], project);
}

async function bun(project) {
  const command = bin(await install('bun', '1'), 'bun');
  return [
    ...(await resultsOf(command, ['esm.mjs'], project)),
    ...(await resultsOf(command, ['cjs.cjs'], project)),
    await chainsResult(command),
  ];
}

async function deno(project) {
  const command = bin(await install('deno', '2'), 'deno');
  return [
    ...(await resultsOf(command, ['run', '--allow-all', '--no-lock', 'esm.mjs'], project)),
    ...(await resultsOf(command, ['run', '--allow-all', '--no-lock', 'cjs.cjs'], project)),
    await chainsResult(command, 'run', '--allow-all', '--no-lock'),
  ];
}

/** Random chains over the sources, which runtimes that are not Node run as they are. */
async function chainsResult(command, ...options) {
  const name = 'agrees with the model in random chains';
  return run(command, [...options, 'spec/model/fuzz.ts', '--runs', '3000'], { cwd: root }).then(
    () => ({ name }),
    (error) => ({ name, error: error.stdout }),
  );
}

/** Serves a page that imports the package and the checks, and posts the results back, and opens it in a browser. */
const browser = (name, open) => async (project) => {
  const profile = await mkdtemp(join(tmpdir(), `asyncstream-${name}-`));
  const pages = {
    '/': `<!doctype html><script type="importmap">{"imports":{"asyncstream":"/index.js"}}</script>
      <script type="module">
        import * as library from 'asyncstream';
        import { run } from './checks.mjs';
        fetch('/results', { method: 'POST', body: JSON.stringify(await run(library)) });
      </script>`,
    '/index.js': await readFile(join(project, 'node_modules/asyncstream/dist/index.js')),
    '/checks.mjs': await readFile(join(project, 'checks.mjs')),
  };
  let opened;
  const server = createServer();
  try {
    const posted = new Promise((resolve, reject) => {
      server.on('request', async (request, response) => {
        const type = request.url === '/' ? 'text/html' : 'text/javascript';
        const page = pages[request.url];
        response.writeHead(page === undefined && request.url !== '/results' ? 404 : 200, { 'content-type': type });
        response.end(page);
        if (request.url !== '/results') return;
        const chunks = [];
        for await (const chunk of request) chunks.push(chunk);
        resolve(JSON.parse(Buffer.concat(chunks).toString()));
      });
      setTimeout(() => reject(new Error(`${name} gave no results within 60 s`)), 60_000).unref();
    });
    await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
    opened = open(profile, `http://127.0.0.1:${server.address().port}/`);
    const failed = new Promise((_, reject) => opened.once('error', reject));
    return await Promise.race([posted, failed]);
  } finally {
    const closed = opened && new Promise((resolve) => opened.once('close', resolve));
    if (opened?.kill()) await closed;
    server.close();
    server.closeAllConnections();
    await rm(profile, { recursive: true, force: true, maxRetries: 10 });
  }
};

const WORKER = `
import * as library from './index.js';
import { run } from './checks.mjs';
export default { fetch: async () => Response.json(await run(library)) };`;

const workerConfig = (port) => `
using Workerd = import "/workerd/workerd.capnp";
const config :Workerd.Config = (
  services = [(name = "main", worker = .checks)],
  sockets = [(name = "http", address = "127.0.0.1:${port}", http = (), service = "main")],
);
const checks :Workerd.Worker = (
  modules = [
    (name = "worker.mjs", esModule = embed "worker.mjs"),
    (name = "index.js", esModule = embed "index.js"),
    (name = "checks.mjs", esModule = embed "checks.mjs"),
  ],
  compatibilityDate = "2026-01-01",
);`;

/** In the runtime of Cloudflare Workers. */
async function workers(project) {
  const command = bin(await install('workerd', '1'), 'workerd');
  const folder = await mkdtemp(join(project, 'workers-'));
  const port = await freePort();
  await writeFile(join(folder, 'worker.mjs'), WORKER);
  await writeFile(join(folder, 'config.capnp'), workerConfig(port));
  await cp(join(project, 'node_modules/asyncstream/dist/index.js'), join(folder, 'index.js'));
  await cp(join(project, 'checks.mjs'), join(folder, 'checks.mjs'));
  const server = execFile(command, ['serve', 'config.capnp'], { cwd: folder });
  try {
    for (let attempt = 0; ; attempt++) {
      try {
        const signal = AbortSignal.timeout(60_000);
        const response = await globalThis.fetch(`http://127.0.0.1:${port}`, { signal });
        return await response.json();
      } catch (error) {
        if (error.name === 'TimeoutError' || attempt === 50) throw error;
        await new Promise((resolve) => setTimeout(resolve, 100));
      }
    }
  } finally {
    server.kill('SIGKILL');
  }
}

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

const openChromium = (profile, url) =>
  execFile(browserPath('chromium'), ['--headless', ...CHROMIUM_FLAGS, `--user-data-dir=${profile}`, url]);

/** In a home of its own: it writes more than its profile there. */
const openFirefox = (profile, url) =>
  execFile(browserPath('firefox'), ['--headless', '--no-remote', '--profile', profile, url], {
    env: { ...process.env, HOME: profile },
  });

const PROGRAM = `
import { AsyncStream, type AnyIterable, limiter, retrying } from 'asyncstream';
import { probe } from 'asyncstream/testing';
export async function main(source: AnyIterable<number>): Promise<void> {
  const texts: string[] = await AsyncStream.from(source).map((n) => n.toFixed()).toArray();
  for await (const [index, text] of AsyncStream.of('a', 'b').entries()) texts.push(text.padEnd(index));
  await using iterator = AsyncStream.range(0, Infinity)[Symbol.asyncIterator]();
  texts.push(String(await iterator.next()));
  const one = retrying(async (n: number) => String(n), { times: 2 });
  const all: string[] = await AsyncStream.of(1).map(one, { concurrency: limiter(2) }).toArray();
  const groups: Map<string, number> = await AsyncStream.from(all).toMap((x) => x, (x) => x.length);
  texts.push(...groups.keys());
  const watched: number[] = await AsyncStream.from(probe([1, 2, 3])).toArray();
}`;

/** Compiles a right program and a wrong one, as each kind of module and resolution. */
const typescript = (version) => async (project) => {
  const results = [];
  for (const [module, moduleResolution] of [
    ['nodenext', 'nodenext'],
    ['esnext', 'bundler'],
  ]) {
    const folder = await mkdtemp(join(project, 'types-'));
    const options = { lib: ['es2022'], types: [], module, moduleResolution, skipLibCheck: false };
    const kinds = module === 'nodenext' ? ['mts', 'cts'] : ['mts'];
    const wrong = PROGRAM.replace('texts: string[]', 'texts: number[]');
    const right = await compile(version, folder, PROGRAM, options, kinds);
    const refused = await compile(version, folder, wrong, options, kinds);
    const name = `${module}, ${moduleResolution}`;
    results.push({ name: `${name}: compiles`, error: right || undefined });
    results.push({ name: `${name}: refuses`, error: refused.includes('TS2322') ? undefined : `got ${refused}` });
  }
  return results;
};

/** Writes a program, as a file of each kind, and compiles it. Returns what the compiler says. */
async function compile(version, folder, code, options, kinds) {
  const tsc = join(await install('typescript', version), 'node_modules/typescript/bin/tsc');
  const files = kinds.map((kind) => `program.${kind}`);
  for (const file of files) await writeFile(join(folder, file), code);
  const common = { target: 'es2022', strict: true, exactOptionalPropertyTypes: true, noEmit: true };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions: { ...common, ...options }, files }));
  return run(process.execPath, [tsc, '--project', folder]).then(
    () => '',
    (error) => error.stdout,
  );
}

const EVENTS = `
import { EventEmitter } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { AsyncStream } from 'asyncstream';
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
const jobs = new EventEmitter<{ done: [id: number, at: Date] }>();
const ids: AsyncStream<number> = AsyncStream.fromEvent(jobs, 'done');
const times: AsyncStream<Date> = AsyncStream.fromEvent(jobs, 'done', { select: (_id, at) => at });
const requests = AsyncStream.fromEvent(createServer(), 'request');
const known: Equal<typeof requests, AsyncStream<RequestType>> = true;
void [ids, times, known];`;

/** Compiles a program that listens to emitters with the types of a version of Node. */
const nodeTypes = (version, request) => async (project) => {
  const types = await install('@types/node', version);
  const folder = await mkdtemp(join(project, 'types-'));
  const options = { module: 'nodenext', typeRoots: [join(types, 'node_modules/@types')], types: ['node'] };
  const program = EVENTS.replace('RequestType', request);
  const error = await compile('5.9', folder, program, { ...options, skipLibCheck: true }, ['mts', 'cts']);
  return [{ name: 'knows the events of emitters', error: error || undefined }];
};

/** Bundles the checks with the package, and runs the bundle. */
const bundler = (name, version, bundle) => async (project) => {
  const folder = await install(name, version);
  const out = await mkdtemp(join(project, 'bundle-'));
  await bundle(bin(folder, name), project, join(out, 'bundle.mjs'));
  return resultsOf(process.execPath, [join(out, 'bundle.mjs')], project);
};

async function withEsbuild(command, project, out) {
  await run(command, ['esm.mjs', '--bundle', '--minify', '--format=esm', `--outfile=${out}`], { cwd: project });
}

/** Rollup resolves no packages by itself: an import map of one row stands in for a plugin. */
async function withRollup(command, project, out) {
  const config = join(project, 'rollup.config.mjs');
  await writeFile(
    config,
    `const file = ${JSON.stringify(join(project, 'node_modules/asyncstream/dist/index.js'))};
    export default {
      input: 'esm.mjs',
      plugins: [{ name: 'resolve', resolveId: (id) => (id === 'asyncstream' ? file : null) }],
      output: { file: ${JSON.stringify(out)}, format: 'es' },
    };`,
  );
  await run(command, ['--config', config, '--silent'], { cwd: project });
}

async function withVite(command, project, out) {
  const config = join(project, 'vite.config.mjs');
  await writeFile(
    config,
    `export default {
      logLevel: 'error',
      build: {
        target: 'es2022',
        outDir: ${JSON.stringify(join(out, '..'))},
        emptyOutDir: false,
        lib: { entry: ${JSON.stringify(join(project, 'esm.mjs'))}, formats: ['es'], fileName: () => 'bundle.mjs' },
      },
    };`,
  );
  await run(command, ['build', '--config', config], { cwd: project });
}

const targets = {
  'node-20': node(20),
  'node-22': node(22),
  'node-24': node(24),
  'node-26': node(26),
  bun,
  deno,
  workers,
  chromium: browser('Chromium', openChromium),
  firefox: browser('Firefox', openFirefox),
  'typescript-5.2': typescript('5.2'),
  'typescript-5.5': typescript('5.5'),
  'typescript-5.9': typescript('5.9'),
  'typescript-6.0': typescript('6.0'),
  'typescript-7': typescript('7'),
  'types-node-20': nodeTypes(20, 'IncomingMessage'),
  // From 25 on, the types of Node name all events of a server at once.
  'types-node-26': nodeTypes(26, 'unknown'),
  esbuild: bundler('esbuild', '0.25', withEsbuild),
  rollup: bundler('rollup', '4.67.4', withRollup),
  vite: bundler('vite', '6', withVite),
};

const names = process.argv.slice(2);
for (const name of names) {
  if (targets[name] !== undefined) continue;
  console.error(`runtimes: no ${name}; there are ${Object.keys(targets).join(', ')}`);
  process.exit(2);
}

let passed = 0;
let failed = 0;
const project = await makeProject();
try {
  for (const name of names.length > 0 ? names : Object.keys(targets)) {
    let results;
    try {
      results = await targets[name](project);
    } catch (error) {
      results = [{ name: 'runs', error: [error.message, error.stdout].filter(Boolean).join('\n') }];
    }
    const wrong = results.filter(({ error }) => error !== undefined);
    console.log(`${name}: ${results.length - wrong.length} of ${results.length} checks passed`);
    for (const check of wrong) console.log(`  ${check.name}: ${check.error}`);
    passed += results.length - wrong.length;
    failed += wrong.length;
  }
} finally {
  await rm(project, { recursive: true, force: true });
}

await mkdir(join(root, '.results'), { recursive: true });
const result = { success: failed === 0, numPassedTests: passed, numFailedTests: failed, numRuntimeErrorTestSuites: 0 };
await writeFile(join(root, '.results/runtimes.json'), JSON.stringify(result));
process.exitCode = failed === 0 ? 0 : 1;
