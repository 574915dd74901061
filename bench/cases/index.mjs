import array from './array.mjs';
import asyncMaps from './async-maps.mjs';
import buffer from './buffer.mjs';
import chunks from './chunks.mjs';
import concurrentMap from './concurrent-map.mjs';
import errors from './errors.mjs';
import expand from './expand.mjs';
import forAwait from './for-await.mjs';
import forAwaitPages from './for-await-pages.mjs';
import generator from './generator.mjs';
import groupByKey from './group-by-key.mjs';
import gunzip from './gunzip.mjs';
import lines from './lines.mjs';
import maps from './maps.mjs';
import merge from './merge.mjs';
import pages from './pages.mjs';
import readableStream from './readable-stream.mjs';
import share from './share.mjs';
import shortRuns from './short-runs.mjs';
import switchMap from './switch-map.mjs';
import tee from './tee.mjs';
import time from './time.mjs';
import transformStream from './transform-stream.mjs';
import unorderedMap from './unordered-map.mjs';
import zip from './zip.mjs';

/** @type {import('./common.mjs').Table[]} */
export const tables = [
  {
    title: 'Long runs',
    unit: 'ns per element',
    alone: true,
    rows: [generator, maps, array, pages, asyncMaps, forAwait, forAwaitPages, chunks, lines],
  },
  {
    title: 'Concurrency, with callbacks that only wait for one turn of the event loop',
    unit: 'ns per element',
    rows: [concurrentMap, unorderedMap, merge, buffer],
  },
  {
    title: 'Stages with several sources, several consumers, errors, or timers',
    unit: 'ns per element',
    rows: [expand, zip, tee, share, switchMap, groupByKey, ...errors, ...time],
  },
  {
    title: 'Streams of the platform',
    unit: 'ns per element, or per kB',
    rows: [gunzip, transformStream, readableStream],
  },
  { title: 'Short runs', unit: 'ns per run', alone: true, rows: shortRuns },
];
