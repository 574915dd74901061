import { AsyncStream } from '../../dist/index.js';
import { numbers } from './common.mjs';

async function read(stream) {
  const reader = stream.getReader();
  let sum = 0;
  for (let result = await reader.read(); !result.done; result = await reader.read()) sum += result.value;
  return sum;
}

/** @type {import('./common.mjs').Row} */
export default {
  name: 'readable-stream',
  title: 'async generator → `ReadableStream`, read by a reader, against `ReadableStream.from`',
  bar: 1,
  competitors: {
    'by hand': () => read(ReadableStream.from(numbers())),
    asyncstream: () => read(AsyncStream.from(numbers()).toReadableStream()),
  },
};
