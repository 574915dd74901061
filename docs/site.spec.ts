// The generated site (`npm run docs`): links lead somewhere, the content needs no JavaScript, and the search finds what
// people look for.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from '@jest/globals';

import { AsyncStream } from '../lib/index.ts';
import { searches } from './searches.ts';

const SITE = fileURLToPath(new URL('site/', import.meta.url));
const ROOT = fileURLToPath(new URL('..', import.meta.url));
const REPOSITORY = 'https://github.com/asyncstream/asyncstream/blob/main/';
const pages = readdirSync(SITE, { recursive: true, encoding: 'utf8' }).filter((file) => file.endsWith('.html'));
const read = (file: string): string => readFileSync(join(SITE, file), 'utf8');
const htmlOf = new Map(pages.map((file) => [file, read(file)]));

/** The targets of `href` and `src` on a page, and the anchors on it. */
const targetsOf = (html: string) =>
  Array.from(html.matchAll(/ (?:href|src|action)="([^"]+)"/g), ([, target]) => target!);
const anchorsOf = (html: string) => Array.from(html.matchAll(/ id="([^"]+)"/g), ([, id]) => id!);

const methods = [AsyncStream, AsyncStream.prototype].flatMap((object) =>
  Object.entries(Object.getOwnPropertyDescriptors(object))
    .filter(([name, { value }]) => typeof value === 'function' && name !== 'constructor')
    .map(([name]) => name),
);

describe('links', () => {
  test.each(pages)('of %s', (page) => {
    const dead = targetsOf(htmlOf.get(page)!).filter((target) => {
      // A file of the repository is looked up in this one.
      if (target.startsWith(REPOSITORY)) return !existsSync(join(ROOT, target.slice(REPOSITORY.length).split('#')[0]!));
      if (/^https?:/.test(target)) return false;
      const [path, anchor] = target.split('#') as [string, string?];
      const file = path === '' ? page : relative(SITE, join(SITE, dirname(page), path));
      if (!existsSync(join(SITE, file)) || statSync(join(SITE, file)).isDirectory()) return true;
      return anchor !== undefined && anchor !== '' && !anchorsOf(read(file)).includes(anchor);
    });
    expect(dead).toEqual([]);
  });

  test('no anchor is there twice', () => {
    const twice = pages.flatMap((page) => {
      const ids = anchorsOf(htmlOf.get(page)!);
      return ids.filter((id, index) => ids.indexOf(id) !== index).map((id) => `${page}#${id}`);
    });
    expect(twice).toEqual([]);
  });
});

describe('pages', () => {
  test.each(methods)('%s has its page, with signature and example', (name) => {
    const html = htmlOf.get(`reference/${name}.html`) ?? '';
    expect(html).toContain('<div class="signature">');
    expect(html).toContain('Example</h3>');
  });

  test('take no file from elsewhere, and no script to show their content', () => {
    const foreign = pages.filter((page) =>
      /<(?:script|link|img)[^>]+(?:src|href)="(?:https?:)?\/\//.test(htmlOf.get(page)!),
    );
    expect(foreign).toEqual([]);
    const empty = pages.filter((page) => {
      const article = /<article>(.*)<\/article>/s.exec(htmlOf.get(page)!)?.[1] ?? '';
      return article.replaceAll(/<[^>]+>/g, '').trim().length < 80;
    });
    expect(empty).toEqual([]);
  });

  test('are reached from the menu of each page', () => {
    const listed = new Set(targetsOf(htmlOf.get('index.html')!).map((target) => target.split('#')[0]));
    expect(pages.filter((page) => !listed.has(page))).toEqual([]);
  });

  test('show no Markdown that was not rendered', () => {
    const raw = pages.filter((page) => {
      const text = htmlOf.get(page)!.replaceAll(/<(pre|code|title)[^>]*>.*?<\/\1>/gs, '');
      return /```|\]\(|\{@|^\| /m.test(text);
    });
    expect(raw).toEqual([]);
  });
});

describe('search', () => {
  interface Entry {
    readonly title: string;
    readonly url: string;
  }
  const window: { asyncstreamIndex?: Entry[] } = {};
  runInNewContext(read('theme/index.js'), { window });
  const context = { findEntries: undefined as unknown as (entries: Entry[], query: string) => Entry[] };
  runInNewContext(read('theme/search.js'), context);
  const find = (query: string) => Array.from(context.findEntries(window.asyncstreamIndex!, query));

  test.each(searches.map(([query, ...targets]) => [query, targets] as const))('finds by %s: %j', (query, targets) => {
    const first = find(query).slice(0, 3);
    const found = first.some(({ url }) => targets.some((target) => url.startsWith(target)));
    expect(found ? [] : first.map(({ url }) => url)).toEqual([]);
  });

  test.each(methods)('finds %s first by its own name', (name) => {
    expect(find(name)[0]!.title).toBe(name);
  });

  test('leads to pages that exist', () => {
    const dead = window.asyncstreamIndex!.filter(({ url }) => !existsSync(join(SITE, url.split('#')[0]!)));
    expect(dead).toEqual([]);
  });

  test('finds nothing for nothing', () => {
    expect([find(''), find('  '), find('xyzzy')]).toEqual([[], [], []]);
  });
});

describe('llms.txt', () => {
  test('names each page, and the full text has all code', () => {
    const list = read('llms.txt');
    expect(pages.filter((page) => page !== 'index.html' && !list.includes(`(${page})`))).toEqual([]);
    const full = read('llms-full.txt');
    expect(methods.filter((name) => !full.includes(`${name}(`) && !full.includes(`${name}<`))).toEqual([]);
    expect(full).toContain('# From a loop to a pipeline');
  });
});
