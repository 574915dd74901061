import { dirname, normalize, resolve } from 'node:path';

import dts from 'rollup-plugin-dts';
import ts from 'typescript';

/** The entries of the package, by the names of their files in dist/. */
const entries = { index: 'lib/index.ts', testing: 'lib/testing/index.ts', eslint: 'lib/eslint/index.ts' };
const tsconfig = 'tsconfig.build.json';

// Without it consumers whose `lib` is plain es2022 cannot compile `await using`. In the source it would be dropped, so
// it is a banner.
// PromiseSettledResult is a type of ES2020.
const banner = '/// <reference lib="esnext.disposable" />\n/// <reference lib="es2020.promise" />';

/** Gives each entry what the compiler has made of lib/, once for all of them. */
let compiled;
const typescript = {
  name: 'typescript',
  resolveId: (id, importer = 'rollup.config.mjs') => resolve(dirname(importer), id.replace(/ts$/, 'js')),
  load(id) {
    compiled ??= compile();
    return { code: compiled.get(id), map: compiled.get(`${id}.map`) };
  },
};

/**
 * Copies the comment of the first overload below that of each further one. In the source it stands once; an editor shows only
 * the comment of the overload that a call resolves to.
 */
const comments = {
  name: 'comments',
  renderChunk(code) {
    const file = ts.createSourceFile('index.d.ts', code, ts.ScriptTarget.Latest, true);
    const edits = file.statements.filter(ts.isClassDeclaration).flatMap(({ members }) => {
      let first;
      return members.flatMap((member) => {
        if (member.name !== undefined && member.name.getText() === first?.name?.getText())
          return [{ from: first.jsDoc[0], to: member.jsDoc[0] }];
        first = member;
        return [];
      });
    });
    return edits.reduceRight((text, { from, to }) => {
      const own = to.getText().replace(/^\/\*\*\s*(?:\* )?|\s*\*\/$/g, '');
      return `${text.slice(0, to.pos)}/**\n     * ${own}\n     *${from.getText().slice(3)}${text.slice(to.end)}`;
    }, code);
  },
};

/**
 * Writes `import('node:events')` as it stands in the source, below its `@ts-ignore`. As an import of the whole file it
 * would fail wherever Node's types are not loaded.
 */
const optionalImports = {
  name: 'optional imports',
  renderChunk: (code) =>
    code
      .replace("import * as node_events from 'node:events';\n", '')
      .replace('node_events.EventEmitter', "import('node:events').EventEmitter"),
};

// One build for each entry, so that none imports a file that they share.
export default Object.entries(entries).flatMap(([name, input]) => [
  {
    input,
    output: [
      { file: `dist/${name}.js`, format: 'es', sourcemap: true },
      { file: `dist/${name}.cjs`, format: 'cjs', sourcemap: true },
    ],
    plugins: [typescript],
  },
  {
    input,
    external: 'node:events',
    output: [
      { file: `dist/${name}.d.ts`, format: 'es', banner },
      { file: `dist/${name}.d.cts`, format: 'es', banner },
    ],
    plugins: [dts({ tsconfig }), optionalImports, comments],
  },
]);

/** The JavaScript files of lib/ with their source maps. Throws if lib/ has an error. */
function compile() {
  const { config } = ts.readConfigFile(tsconfig, ts.sys.readFile);
  const { fileNames, options, errors } = ts.parseJsonConfigFileContent(config, ts.sys, import.meta.dirname);
  const program = ts.createProgram(fileNames, options);
  const diagnostics = [...errors, ...ts.getPreEmitDiagnostics(program)];
  if (diagnostics.length > 0) throw new Error(ts.formatDiagnostics(diagnostics, ts.createCompilerHost(options)));

  const files = new Map();
  program.emit(undefined, (name, text) => files.set(normalize(name), text));
  return files;
}
