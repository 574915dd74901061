// The package as its users get it: packed, installed into a project of its own, imported, required and compiled against.
import { execFile } from 'node:child_process';
import { mkdtemp, readdir, readFile, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import ts from 'typescript';

const run = promisify(execFile);
const root = fileURLToPath(new URL('..', import.meta.url));
const dist = (name: string) => readFile(join(root, 'dist', name), 'utf8');

/** A project that has installed the package, and nothing else. */
let consumer: string;
let packed: string[];

beforeAll(async () => {
  consumer = await realpath(await mkdtemp(join(tmpdir(), 'asyncstream-')));
  if (await isStale()) await npm(root, 'run', 'build');

  await writeFile(join(consumer, 'package.json'), '{ "private": true }');
  const report = await npm(root, 'pack', '--json', '--ignore-scripts', '--pack-destination', consumer);
  const [tarball] = JSON.parse(report) as [{ filename: string; files: { path: string }[] }];
  packed = tarball.files.map((file) => file.path).sort();
  await npm(consumer, 'install', '--offline', '--no-audit', '--no-fund', `./${tarball.filename}`);
}, 120_000);

afterAll(async () => {
  await rm(consumer, { recursive: true, force: true });
});

async function npm(cwd: string, ...args: string[]): Promise<string> {
  // npm is a script on some systems and a batch file on others: both start through a shell.
  const { stdout } = await run('npm', args, { cwd, shell: true });
  return stdout;
}

/** `npm test` has just built dist/; whoever runs this spec alone may not have. */
async function isStale(): Promise<boolean> {
  const built = await modified(join(root, 'dist/index.d.cts')).catch(() => 0);
  const sources = await readdir(join(root, 'lib'), { recursive: true });
  const times = await Promise.all(
    [...sources.map((name) => join('lib', name)), 'rollup.config.mjs', 'tsconfig.json'].map((name) =>
      modified(join(root, name)),
    ),
  );
  return Math.max(...times) > built;
}

async function modified(path: string): Promise<number> {
  return (await stat(path)).mtimeMs;
}

test('packs the build, the licence and the README, and nothing else', () => {
  expect(packed).toEqual([
    'LICENSE',
    'README.md',
    'dist/eslint.cjs',
    'dist/eslint.cjs.map',
    'dist/eslint.d.cts',
    'dist/eslint.d.ts',
    'dist/eslint.js',
    'dist/eslint.js.map',
    'dist/index.cjs',
    'dist/index.cjs.map',
    'dist/index.d.cts',
    'dist/index.d.ts',
    'dist/index.js',
    'dist/index.js.map',
    'dist/testing.cjs',
    'dist/testing.cjs.map',
    'dist/testing.d.cts',
    'dist/testing.d.ts',
    'dist/testing.js',
    'dist/testing.js.map',
    'package.json',
  ]);
});

describe.each(['index.js', 'index.cjs', 'testing.js', 'testing.cjs', 'eslint.js', 'eslint.cjs'])('dist/%s', (name) => {
  test('imports nothing', async () => {
    const { importedFiles } = ts.preProcessFile(await dist(name), true, true);
    expect(importedFiles.map((file) => file.fileName)).toEqual([]);
  });

  test('has a source map that brings the sources along', async () => {
    const map = JSON.parse(await dist(`${name}.map`)) as { sources: string[]; sourcesContent: (string | null)[] };
    const contents = await Promise.all(map.sources.map((source) => readFile(join(root, 'dist', source), 'utf8')));
    const sources = { index: 'async-stream', testing: 'testing/probe', eslint: 'eslint/index' };
    expect(map.sources).toContain(`../lib/${sources[name.split('.')[0] as keyof typeof sources]}.ts`);
    expect(map.sourcesContent).toEqual(contents);
  });
});

test('depends on no other package', async () => {
  const manifest = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as Record<string, unknown>;
  expect(manifest).not.toHaveProperty('dependencies');
  // The ESLint rule needs its parser, and whoever does not use the rule needs nothing.
  expect(manifest).toMatchObject({
    peerDependencies: { 'typescript-eslint': '>=8' },
    peerDependenciesMeta: { 'typescript-eslint': { optional: true } },
  });
  expect(manifest).not.toHaveProperty('optionalDependencies');
});

test('is the same package for JSR', async () => {
  const read = async (name: string) =>
    JSON.parse(await readFile(join(root, name), 'utf8')) as { version: string; exports: Record<string, unknown> };
  const [npm, jsr] = await Promise.all([read('package.json'), read('jsr.json')]);
  expect(jsr.version).toBe(npm.version);
  expect(Object.keys(jsr.exports)).toEqual(Object.keys(npm.exports).filter((entry) => entry !== './package.json'));
});

describe('at run time', () => {
  const node = async (type: 'module' | 'commonjs', code: string): Promise<unknown> => {
    const { stdout } = await run(process.execPath, [`--input-type=${type}`, '--eval', code], { cwd: consumer });
    return JSON.parse(stdout);
  };
  const double = 'AsyncStream.from([1, 2, 3]).map((n) => n * 2).toArray()';

  test('can be imported', async () => {
    const code = `import { AsyncStream } from 'asyncstream'; console.log(JSON.stringify(await ${double}));`;
    expect(await node('module', code)).toEqual([2, 4, 6]);
  });

  test('can be required', async () => {
    const code = `const { AsyncStream } = require('asyncstream'); ${double}.then((all) => console.log(JSON.stringify(all)));`;
    expect(await node('commonjs', code)).toEqual([2, 4, 6]);
  });

  test('works where an older Node gives the CommonJS build', async () => {
    const code = `const { AsyncStream } = require('./node_modules/asyncstream/dist/index.cjs');
      ${double}.then((all) => console.log(JSON.stringify(all)));`;
    expect(await node('commonjs', code)).toEqual([2, 4, 6]);
  });

  test('gives import and require the same class where Node can', async () => {
    const code = `const required = require('asyncstream');
      import('asyncstream').then((imported) => console.log(required.AsyncStream === imported.AsyncStream));`;
    expect(await node('commonjs', code)).toBe('require_module' in process.features);
  });

  test.each([
    ['module', "import { probe } from 'asyncstream/testing';"],
    ['commonjs', "const { probe } = require('asyncstream/testing');"],
    ['commonjs', "const { probe } = require('./node_modules/asyncstream/dist/testing.cjs');"],
  ] as const)('has the kit beside it: %s, %s', async (type, load) => {
    const code = `${load}
      const source = probe([1, 2, 3]);
      source[Symbol.asyncIterator]().next().then(({ value }) => console.log(JSON.stringify([value, source.pulled])));`;
    expect(await node(type, code)).toEqual([1, 1]);
  });

  test.each([
    ['module', "import { asyncstream } from 'asyncstream/eslint';"],
    ['commonjs', "const { asyncstream } = require('asyncstream/eslint');"],
  ] as const)('has the ESLint rule beside it: %s, %s', async (type, load) => {
    const code = `${load} console.log(JSON.stringify([asyncstream.configs.recommended.rules, Object.keys(asyncstream.rules)]));`;
    expect(await node(type, code)).toEqual([{ 'asyncstream/no-floating-streams': 'error' }, ['no-floating-streams']]);
  });

  test('takes the streams of its other build as its own', async () => {
    const code = `const { AsyncStream } = require('./node_modules/asyncstream/dist/index.cjs');
      import('./node_modules/asyncstream/dist/index.js')
        .then((other) => AsyncStream.from(other.AsyncStream.from([1, 2, 3])).map((n) => n * 2).toArray())
        .then((all) => console.log(JSON.stringify(all)));`;
    expect(await node('commonjs', code)).toEqual([2, 4, 6]);
  });
});

describe.each(['index.d.ts', 'index.d.cts', 'testing.d.ts', 'testing.d.cts', 'eslint.d.ts', 'eslint.d.cts'])(
  'dist/%s',
  (name) => {
    test('brings the types of `await using` along', async () => {
      expect(await dist(name)).toMatch(/^\/\/\/ <reference lib="esnext\.disposable" \/>\n/);
    });

    test('says `any` nowhere', async () => {
      const file = ts.createSourceFile(name, await dist(name), ts.ScriptTarget.Latest, true);
      const found: string[] = [];
      const look = (node: ts.Node): void => {
        if (node.kind === ts.SyntaxKind.AnyKeyword) found.push(node.parent.getText(file));
        ts.forEachChild(node, look);
      };
      look(file);
      expect(found).toEqual([]);
    });
  },
);

test('each overload has the comment of the first one, with its example: an editor shows no other', async () => {
  const file = ts.createSourceFile('index.d.ts', await dist('index.d.ts'), ts.ScriptTarget.Latest, true);
  const stream = file.statements.filter(ts.isClassDeclaration).find(({ name }) => name?.text === 'AsyncStream')!;
  const methods = stream.members.filter(ts.isMethodDeclaration);
  expect(methods.length).toBeGreaterThan(100);
  const without = methods.filter(
    (method) => !ts.getJSDocTags(method).some(({ tagName }) => tagName.text === 'example'),
  );
  expect(without.map((method) => method.getText(file))).toEqual([]);
});

describe('for the compiler', () => {
  const everywhere = `
    import { AsyncStream } from 'asyncstream';
    import { probe, timeline } from 'asyncstream/testing';
    export async function main(): Promise<void> {
      const texts: string[] = await AsyncStream.from([1, 2, 3]).map((n) => n.toFixed()).toArray();
      for await (const [index, text] of AsyncStream.of('a', 'b').entries()) texts.push(text.padEnd(index));
      await using iterator = AsyncStream.range(0, Infinity)[Symbol.asyncIterator]();
      texts.push(String(await iterator.next()));
      const results: string = await timeline('a-b|', (source) => AsyncStream.from(source).take(1));
      texts.push(results, String(probe(['a']).pulled));
      // @ts-expect-error: the elements are numbers
      AsyncStream.of(1).map((n) => n.trim());
    }`;
  const platform = `
    export const pages = AsyncStream.of('/a', '/b').map((url, _index, { signal }) => fetch(url, { signal }));
    export const signal: Promise<AbortSignal[]> = AsyncStream.of(1).map((_, _index, { signal }) => signal).toArray();
    export const web = (source: ReadableStream<Uint8Array>): AsyncStream<Uint8Array> => AsyncStream.from(source);
    export const body: ReadableStream<number> = AsyncStream.of(1).toReadableStream();
    // @ts-expect-error: the elements are numbers
    export const texts: ReadableStream<string> = AsyncStream.of(1).toReadableStream();`;
  // As Cloudflare Workers declare theirs: `globalThis` has no property for a class or a constant.
  const globals = `
    declare class AbortSignal {
      readonly aborted: boolean;
      readonly reason: unknown;
      addEventListener(type: string, listener: () => void): void;
      removeEventListener(type: string, listener: () => void): void;
      throwIfAborted(): void;
    }
    interface ReadableStream<R = any> {
      tee(): [ReadableStream<R>, ReadableStream<R>];
    }
    declare const ReadableStream: new <R>() => ReadableStream<R>;`;
  const worker = `
    export const signal: AsyncStream<AbortSignal> = AsyncStream.of(1).map((_, _index, { signal }) => signal);
    export const body: ReadableStream<number> = AsyncStream.of(1).toReadableStream();`;

  test.each([
    { beside: 'nothing', lib: ['es2022'], types: [], code: everywhere },
    { beside: 'Node', lib: ['es2022'], types: ['node'], code: everywhere + platform },
    { beside: 'a browser', lib: ['es2022', 'dom'], types: [], code: everywhere + platform },
    { beside: 'a worker', lib: ['es2022'], types: [], code: everywhere + worker, globals },
    {
      beside: 'Node and a browser',
      lib: ['es2023', 'dom', 'dom.asynciterable'],
      types: ['node'],
      code: everywhere + platform,
    },
  ])('compiles beside the types of $beside', async ({ lib, types, code, globals = '' }) => {
    const project = await mkdtemp(join(consumer, 'project-'));
    const files = ['a.mts', 'b.cts', 'globals.d.ts'].map((name) => join(project, name));
    await Promise.all(files.map((file, index) => writeFile(file, index === 2 ? globals : code)));
    const options: ts.CompilerOptions = {
      lib: lib.map((name) => `lib.${name}.d.ts`),
      types,
      typeRoots: [join(root, 'node_modules/@types')],
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      strict: true,
      exactOptionalPropertyTypes: true,
      skipLibCheck: false,
      noEmit: true,
    };
    const program = ts.createProgram(files, options, hostOf(options));
    const ours = program.getSourceFiles().filter(({ fileName }) => fileName.startsWith(consumer));
    const diagnostics = [
      ...program.getOptionsDiagnostics(),
      ...program.getGlobalDiagnostics(),
      // Not those of the libraries and of Node, which are not ours, and take most of the time.
      ...ours.flatMap((file) => [...program.getSyntacticDiagnostics(file), ...program.getSemanticDiagnostics(file)]),
    ];
    expect(ours.map(({ fileName }) => relative(consumer, fileName))).toEqual(
      expect.arrayContaining(['index.d.ts', 'index.d.cts', 'testing.d.ts', 'testing.d.cts'].map(installed)),
    );
    expect(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options))).toBe('');
  });

  const installed = (name: string) => `node_modules/asyncstream/dist/${name}`;
  /** The files of the libraries and of Node are parsed once for all programs. */
  const parsed = new Map<string, ts.SourceFile | undefined>();
  function hostOf(options: ts.CompilerOptions): ts.CompilerHost {
    const host = ts.createCompilerHost(options);
    const { getSourceFile } = host;
    host.getSourceFile = (name, version, ...rest) => {
      if (!name.startsWith(join(root, 'node_modules'))) return getSourceFile(name, version, ...rest);
      if (!parsed.has(name)) parsed.set(name, getSourceFile(name, version, ...rest));
      return parsed.get(name);
    };
    return host;
  }
});
