import array from './array.mjs';
import asyncMaps from './async-maps.mjs';
import buffer from './buffer.mjs';
import chunks from './chunks.mjs';
import concurrentMap from './concurrent-map.mjs';
import forAwaitPages from './for-await-pages.mjs';
import forAwait from './for-await.mjs';
import generator from './generator.mjs';
import gunzip from './gunzip.mjs';
import lines from './lines.mjs';
import maps from './maps.mjs';
import merge from './merge.mjs';
import pages from './pages.mjs';
import readableStream from './readable-stream.mjs';
import transformStream from './transform-stream.mjs';
import unorderedMap from './unordered-map.mjs';

/** In the order of the tables. */
export const rows = [
  generator,
  maps,
  array,
  pages,
  asyncMaps,
  forAwait,
  forAwaitPages,
  chunks,
  lines,
  concurrentMap,
  unorderedMap,
  merge,
  buffer,
  gunzip,
  transformStream,
  readableStream,
];
