import typescript from '@rollup/plugin-typescript';
import dts from 'rollup-plugin-dts';

/** The entries of the package, by the names of their files in dist/. */
const entries = { index: 'lib/index.ts', testing: 'lib/testing/index.ts', eslint: 'lib/eslint/index.ts' };
const tsconfig = 'tsconfig.build.json';

// Without it consumers whose `lib` is plain es2022 cannot compile `await using`. In the source it would be dropped, so
// it is a banner.
// PromiseSettledResult is a type of ES2020.
const banner = '/// <reference lib="esnext.disposable" />\n/// <reference lib="es2020.promise" />';

// One build for each entry, so that none imports a file that they share.
export default Object.entries(entries).flatMap(([name, input]) => [
  {
    input,
    output: [
      { file: `dist/${name}.js`, format: 'es', sourcemap: true },
      { file: `dist/${name}.cjs`, format: 'cjs', sourcemap: true },
    ],
    // Not `include`, `rootDir` or `outDir`: with any of them the source maps or the parsing go wrong.
    plugins: [typescript({ tsconfig })],
  },
  {
    input,
    output: [
      { file: `dist/${name}.d.ts`, format: 'es', banner },
      { file: `dist/${name}.d.cts`, format: 'es', banner },
    ],
    plugins: [dts({ tsconfig })],
  },
]);
