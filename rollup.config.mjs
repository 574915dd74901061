import typescript from '@rollup/plugin-typescript';
import dts from 'rollup-plugin-dts';

const input = 'lib/index.ts';
const tsconfig = 'tsconfig.build.json';

// Without it consumers whose `lib` is plain es2022 cannot compile `await using`. In the source it would be dropped, so
// it is a banner.
// PromiseSettledResult is a type of ES2020.
const banner = '/// <reference lib="esnext.disposable" />\n/// <reference lib="es2020.promise" />';

export default [
  {
    input,
    output: [
      { file: 'dist/index.js', format: 'es', sourcemap: true },
      { file: 'dist/index.cjs', format: 'cjs', sourcemap: true },
    ],
    // Not `include`, `rootDir` or `outDir`: with any of them the source maps or the parsing go wrong.
    plugins: [typescript({ tsconfig })],
  },
  {
    input,
    output: [
      { file: 'dist/index.d.ts', format: 'es', banner },
      { file: 'dist/index.d.cts', format: 'es', banner },
    ],
    plugins: [dts({ tsconfig })],
  },
];
