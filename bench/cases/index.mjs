import array from './array.mjs';
import asyncMaps from './async-maps.mjs';
import chunks from './chunks.mjs';
import forAwaitPages from './for-await-pages.mjs';
import forAwait from './for-await.mjs';
import generator from './generator.mjs';
import lines from './lines.mjs';
import maps from './maps.mjs';
import pages from './pages.mjs';

/** In the order of the table. */
export const rows = [generator, maps, array, pages, asyncMaps, forAwait, forAwaitPages, chunks, lines];
