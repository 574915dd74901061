import { AsyncStream } from '../../dist/index.js';
import { add, numbers, zero } from './common.mjs';

/** @type {import('./common.mjs').Row} */
export default {
  name: 'transform-stream',
  title: 'async generator → identity `TransformStream` → sum, against web streams',
  bar: 1.1,
  competitors: {
    'by hand': async () => {
      let sum = 0;
      for await (const x of ReadableStream.from(numbers()).pipeThrough(new globalThis.TransformStream())) sum += x;
      return sum;
    },
    asyncstream: () => AsyncStream.from(numbers()).pipeThrough(new globalThis.TransformStream()).reduce(add, zero()),
  },
};
