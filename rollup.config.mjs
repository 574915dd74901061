import typescript from '@rollup/plugin-typescript';
import dts from 'rollup-plugin-dts';

// Without it consumers whose `lib` is plain es2022 cannot compile `await using`. rollup-plugin-dts drops the
// reference from the source, so it goes in as a banner.
const disposable = '/// <reference lib="esnext.disposable" />';

export default [
  {
    input: 'lib/index.ts',
    output: [
      { file: 'dist/index.js', format: 'es', sourcemap: true },
      { file: 'dist/index.cjs', format: 'cjs', sourcemap: true },
    ],
    plugins: [
      // Neither `include`, `rootDir` nor `outDir`: each of them breaks parsing or the source maps.
      typescript({ noEmit: false, declaration: false, inlineSources: true }),
    ],
  },
  {
    input: 'lib/index.ts',
    output: [
      { file: 'dist/index.d.ts', format: 'es', banner: disposable },
      { file: 'dist/index.d.cts', format: 'es', banner: disposable },
    ],
    plugins: [dts()],
  },
];
