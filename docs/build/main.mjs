/**
 * `npm run docs`: writes the site into docs/site, from the Markdown files of docs/, the documentation in lib/, and the
 * results of the benchmark. It can be read from the file system, without a server and without JavaScript.
 */
import { cpSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

import { chartsOf, curvesOf, memoryOf, pictureOf, sizesOf } from './charts.mjs';
import { escape } from './drawings.mjs';
import { highlight } from './highlight.mjs';
import { fitted, plain, render } from './markdown.mjs';
import { layout } from './page.mjs';
import { SECTIONS } from './pages.mjs';
import { readReference } from './reference.mjs';
import { callsIn, codesIn, nameIn, tablesIn } from './tables.mjs';

const DOCS = fileURLToPath(new URL('..', import.meta.url));
const SITE = join(DOCS, 'site');
const read = (file) => readFileSync(join(DOCS, file), 'utf8');

const entryPoints = ['lib/index.ts', 'lib/testing/index.ts'].filter((file) => existsSync(join(DOCS, '..', file)));
const references = await Promise.all(entryPoints.map(readReference));
/** Parts of what a platform defines, and the names of errors, need no words. */
const KNOWN = /\.name$|^(?:\w+Like|NodeWritable|TransformPair|DisposableIterator)\./;
const undocumented = references.flatMap((reference) => reference.undocumented).filter((name) => !KNOWN.test(name));
if (undocumented.length > 0) throw new Error(`these symbols say nothing: ${undocumented.join(', ')}`);
const [{ entries }, testing] = references;
const methods = new Map(); // name → entries: `merge` is a method, and a static one
for (const entry of entries) if (entry.signatures.length > 0 && isCallable(entry)) add(methods, entry.name, entry);
const testKit = testing?.entries ?? [];
const names = new Set(methods.keys());
const types = new Map(entries.filter((entry) => !isCallable(entry)).map((entry) => [entry.name, entry]));

const groups = new Map();
for (const [name, [entry]] of methods) add(groups, entry.group, { path: `reference/${name}.html`, title: name });

/** @type {{ path: string, section: string, file: string }[]} */
const sources = SECTIONS.flatMap(({ section, files }) =>
  files
    .filter((file) => existsSync(join(DOCS, file)))
    .map((file) => ({ section, file, path: file.replace(/\.md$/, '.html') })),
);
const texts = new Map(await Promise.all(sources.map(async ({ file }) => [file, await fitted(textOf(file))])));
for (const entry of [...entries, ...testKit])
  for (const block of entry.blocks) if (block.tag === '@example') block.text = await fitted(exampleText(block.text));
const elsewhere = namesElsewhere();

const pages = [
  ...sources.map(guide),
  referenceIndex(),
  ...Array.from(methods.keys(), methodPage),
  typesPage(),
  ...testKitPage(),
];
const navigation = [
  ...SECTIONS.map(({ section }) => ({
    section,
    collapsed: section === 'Coming from' || section === 'More',
    pages: pages.filter((page) => page.section === section && page.path !== 'index.html').map(titleOf),
  })).filter((section) => section.pages.length > 0),
  { section: 'Reference', collapsed: true, pages: pages.filter(({ section }) => section === 'Reference').map(titleOf) },
  ...Array.from(groups, ([section, list]) => ({ section, collapsed: true, pages: list })),
];

rmSync(SITE, { recursive: true, force: true });
for (const page of pages) write(page.path, layout(page, navigation));
cpSync(join(DOCS, 'theme'), join(SITE, 'theme'), { recursive: true });
write('theme/index.js', `window.asyncstreamIndex = ${JSON.stringify(searchIndex(), null, 1)};\n`);
mkdirSync(join(DOCS, 'images'), { recursive: true });
writeFileSync(join(DOCS, 'images/speed.svg'), pictureOf(join(DOCS, '../bench/results.md')));
write('llms.txt', llms());
write('llms-full.txt', llmsFull());
console.log(`${pages.length} pages in docs/site`);

// --------------------------------------------------------------------------------------------------------- pages

function guide({ file, path, section }) {
  const page = render(texts.get(file), path, {
    methods: names,
    tables: section === 'Coming from' || file === 'names.md',
  });
  if (file === 'index.md') return { ...withHeading(page), html: homeOf(page), path, section, layout: 'home' };
  return { ...withHeading(page), path, section };
}

/** The first page: its title and first paragraph are large. */
function homeOf({ title, html }) {
  return `<div class="hero"><h1>${escape(title)}</h1>${html.replace('<p>', '<p class="lead">')}</div>`;
}

function textOf(file) {
  const text = read(file);
  if (file === 'choose.md') return decisions(text);
  if (file === 'benchmarks.md')
    return text
      .replace('<!-- charts -->', () => chartsOf(join(DOCS, '../bench/results.md')))
      .replace('<!-- curves -->', () => curvesOf(join(DOCS, '../bench/curves.json')))
      .replace('<!-- sizes -->', () => sizesOf(join(DOCS, '../bench/sizes.json')))
      .replace('<!-- memory -->', () => memoryOf(join(DOCS, '../bench/results.md')));
  return text;
}

/** The table of decisions as a tree that unfolds. */
function decisions(text) {
  const [table] = tablesIn(text);
  const tree = new Map();
  for (const [have, want, use] of table.rows) add(tree, have, [want, use]);
  const html = Array.from(tree, ([have, choices]) =>
    [`## ${have}`, '', ...choices.map(([want, use]) => `- ${want}${want.endsWith('?') ? '' : ':'} ${use}`), ''].join(
      '\n',
    ),
  );
  return text.slice(0, text.indexOf('\n|')) + '\n' + html.join('\n') + text.slice(text.lastIndexOf('|\n') + 2);
}

function referenceIndex() {
  const lines = ['# All methods', '', 'Each method with its first sentence. The parts follow the menu.', ''];
  for (const [group, list] of groups) {
    lines.push(`## ${group}`, '', '| | |', '| --- | --- |');
    for (const { title } of list)
      lines.push(`| \`${title}()\` | ${sentenceOf(methods.get(title)[0].text).replaceAll('|', '\\|')} |`);
    lines.push('');
  }
  const path = 'reference/index.html';
  return { ...withHeading(render(lines.join('\n'), path, { methods: names })), path, section: 'Reference' };
}

function methodPage(name) {
  const path = `reference/${name}.html`;
  const list = methods.get(name);
  const several = list.length > 1;
  const parts = list.map((entry) => {
    const { html } = renderEntry(entry, path);
    const call = entry.kind === 'static' ? `AsyncStream.${name}` : entry.kind === 'method' ? `stream.${name}` : name;
    return several ? `<h2 id="${entry.kind}"><code>${call}()</code></h2>\n${html}` : html;
  });
  const others = Array.from(elsewhere.get(name) ?? []);
  const also =
    others.length === 0
      ? ''
      : `<p class="also">Elsewhere: ${others.map((other) => `<code>${escape(other)}</code>`).join(', ')}.</p>`;
  const kinds = { static: 'static', method: 'method', function: 'function' };
  return {
    path,
    title: name,
    heading: `${name}<span class="badge">${[...new Set(list.map(({ kind }) => kinds[kind]))].join(' and ')}</span>`,
    summary: sentenceOf(list[0].text).replaceAll('`', ''),
    html: parts.join('\n') + diagramsFor(name, path) + also,
    headings: several ? list.map(({ kind }) => ({ id: kind, text: `${kind} ${name}`, depth: 2 })) : [],
    section: list[0].group,
  };
}

/** The diagrams of docs/diagrams.md that stand under the name of the method. */
function diagramsFor(name, path) {
  const section = read('diagrams.md')
    .split(/^## /m)
    .find((part) => part.startsWith(`${name}\n`));
  if (section === undefined) return '';
  return `<h2 id="in-time">In time</h2>\n${render(section.slice(name.length), path, { methods: names }).html}`;
}

function renderEntry(entry, path) {
  const signatures = entry.signatures.filter(Boolean);
  const up = posix.dirname(path) === '.' ? '.' : '..';
  const used = [...types.keys()].filter((type) => signatures.some((text) => new RegExp(`\\b${type}\\b`).test(text)));
  const options = used.filter(
    (type) => types.get(type).members.length > 0 && /Options$|^Concurrency$|^Observer$|^Buffering$/.test(type),
  );
  const html = [
    render(withoutDrawings(entry.text), path, { methods: names }).html,
    `<div class="signature"><pre tabindex="0"><code>${highlight(signatures.join(';\n'), 'ts')}</code></pre></div>`,
    used.length > 0
      ? `<p class="also">Types: ${used.map((type) => `<a href="${up}/types.html#${type.toLowerCase()}"><code>${type}</code></a>`).join(', ')}.</p>`
      : '',
    ...options.map((type) => `<h3>Options: <code>${type}</code></h3>\n${membersOf(types.get(type), path)}`),
    ...blocksOf(entry, path),
  ];
  return { html: html.filter(Boolean).join('\n') };
}

/** The drawings in the text are for the editor: the page has the diagrams. */
function withoutDrawings(text) {
  return text.replaceAll(/^With one character for 10 ms.*:\n\n(?: {4}\S.*(?:\n|$))+\n?/gm, '');
}

function blocksOf({ blocks }, path) {
  const of = (wanted) => blocks.filter(({ tag }) => tag === wanted).map(({ text }) => text);
  const throws = of('@throws');
  const rest = of('@param');
  return [
    ...rest.map((text) => render(text, path, { methods: names }).html),
    throws.length > 0
      ? `<h3>Throws</h3>\n${render(throws.map((text) => `- ${throwsText(text)}`).join('\n'), path, { methods: names }).html}`
      : '',
    ...of('@example').map((text) => `<h3>Example</h3>\n${render(exampleText(text), path, { methods: names }).html}`),
  ];
}

function throwsText(text) {
  return text.replace(/^(?:`?\{?)(\w+Error)(?:\}?`?)\s*/, '`$1`, ').replaceAll(/\n\s*/g, ' ');
}

function exampleText(text) {
  return text.startsWith('```') ? text : `\`\`\`ts\n${text}\n\`\`\``;
}

function membersOf({ members }, path) {
  const items = members.map(
    ({ name, type, optional, call, text }) =>
      `<dt><code>${escape(name)}${optional ? '?' : ''}${call ? '' : ': '}${escape(type)}</code></dt><dd>${render(text, path, { methods: names }).html}</dd>`,
  );
  return `<dl class="members">${items.join('\n')}</dl>`;
}

function typesPage() {
  const path = 'types.html';
  const headings = [];
  const html = Array.from(types.values(), (entry) => {
    const id = entry.name.toLowerCase();
    headings.push({ id, text: entry.name, depth: 2 });
    return [
      `<h2 id="${id}"><a class="anchor" href="#${id}">${entry.name}</a></h2>`,
      render(entry.text, path, { methods: names }).html,
      ...entry.signatures.map((text) => `<pre tabindex="0"><code>${highlight(text, 'ts')}</code></pre>`),
      entry.members.length > 0 ? membersOf(entry, path) : '',
      ...blocksOf(entry, path),
    ].join('\n');
  }).join('\n');
  return {
    path,
    title: 'Types',
    heading: 'Types',
    summary: 'The exported types.',
    html,
    headings,
    section: 'Reference',
  };
}

/** The exports of `asyncstream/testing`, on one page. */
function testKitPage() {
  if (testKit.length === 0) return [];
  const path = 'testing-reference.html';
  const headings = [];
  const html = testKit
    .map((entry) => {
      // As it is written: there is a function probe, and a type Probe.
      const id = entry.name;
      headings.push({ id, text: entry.name, depth: 2 });
      const heading = `<h2 id="${id}"><a class="anchor" href="#${id}">${entry.name}</a></h2>`;
      const signature = entry.signatures
        .filter(Boolean)
        .map((text) => `<pre tabindex="0"><code>${highlight(text, 'ts')}</code></pre>`);
      return [
        heading,
        render(entry.text, path).html,
        ...signature,
        membersOf(entry, path),
        ...blocksOf(entry, path),
      ].join('\n');
    })
    .join('\n');
  const title = 'asyncstream/testing';
  return [
    {
      path,
      title,
      heading: title,
      summary: 'Tools for tests of stages and sources.',
      html,
      headings,
      section: 'Reference',
    },
  ];
}

// ------------------------------------------------------------------------------------------------- search, llms.txt

/** The names that others use, by ours: from docs/names.md and the first column of the migration tables. */
function namesElsewhere() {
  const found = new Map();
  for (const { file, section } of sources) {
    if (section !== 'Coming from' && file !== 'names.md') continue;
    for (const { rows } of tablesIn(texts.get(file)))
      for (const [theirs, ours] of rows) {
        const known = codesIn(ours)
          .flatMap(callsIn)
          .filter((name) => names.has(name));
        for (const code of codesIn(theirs)) {
          const name = nameIn(code);
          // One call is one name; of several, the first stands for what they do.
          const target = known.includes(name) ? undefined : known[0];
          if (name === undefined || target === undefined || names.has(name)) continue;
          if (!found.has(target)) found.set(target, new Set());
          found.get(target).add(name);
        }
      }
  }
  return found;
}

/** What people want to do with a method, by its name: from the table of decisions. */
function tasksOf() {
  const tasks = new Map();
  for (const [, want, use] of tablesIn(read('choose.md'))[0].rows)
    for (const name of codesIn(use).flatMap(callsIn)) add(tasks, name, want);
  return tasks;
}

function searchIndex() {
  const tasks = tasksOf();
  const entryOf = (page) => {
    const isMethod = methods.has(page.title);
    const [top] = page.html.split(/(?=<h2 id=")/);
    return {
      title: page.title,
      url: page.path,
      kind: isMethod ? 'method' : page.section,
      names: Array.from(elsewhere.get(page.title) ?? []),
      text: [page.summary, ...(tasks.get(page.title) ?? [])].join(' '),
      words: wordsIn(isMethod ? page.html : top),
    };
  };
  const sections = pages
    .filter(({ section, path }) => !groups.has(section) && path !== 'types.html')
    .flatMap(({ path, title, headings, html }) => {
      const parts = html.split(/(?=<h[23] id=")/);
      return headings.map(({ id, text, summary = '' }) => ({
        title: plain(text),
        url: `${path}#${id}`,
        kind: title,
        names: [],
        text: summary,
        words: wordsIn(parts.find((part) => part.slice(0, 4 + 5 + id.length).includes(` id="${id}`)) ?? ''),
      }));
    });
  const typeEntries = Array.from(types.values(), ({ name, text }) => ({
    title: name,
    url: `types.html#${name.toLowerCase()}`,
    kind: 'type',
    names: [],
    text: sentenceOf(text),
    words: '',
  }));
  return [...pages.map(entryOf), ...sections, ...typeEntries];
}

/** Each word of a piece of a page once. */
function wordsIn(html) {
  return [
    ...new Set(
      plain(html)
        .toLowerCase()
        .match(/\p{L}[\p{L}\p{N}]+/gu),
    ),
  ].join(' ');
}

function llms() {
  const lines = [
    '# asyncstream',
    '',
    '> Chainable, lazy methods for async iteration in TypeScript and JavaScript: one class, `AsyncStream<T>`.',
    '',
  ];
  for (const { section, pages: list } of navigation) {
    lines.push(`## ${section}`, '');
    for (const { path, title } of list) {
      const { summary } = pages.find((page) => page.path === path);
      lines.push(`- [${plain(title)}](${path})${summary ? `: ${summary}` : ''}`);
    }
    lines.push('');
  }
  return lines.join('\n');
}

/** All guides, and then all methods, as one text. */
function llmsFull() {
  const parts = sources.map(({ file }) => texts.get(file).trim());
  parts.push('# Reference');
  for (const list of methods.values())
    for (const { name, kind, signatures, text, blocks } of list) {
      const title = kind === 'static' ? `AsyncStream.${name}` : name;
      const rest = blocks.map((block) =>
        block.tag === '@example' ? exampleText(block.text) : `${block.tag} ${block.text}`,
      );
      parts.push([`## ${title}`, `\`\`\`ts\n${signatures.join(';\n')}\n\`\`\``, text, ...rest].join('\n\n'));
    }
  return `${parts.join('\n\n')}\n`;
}

// --------------------------------------------------------------------------------------------------------- helpers

function isCallable({ kind }) {
  return kind === 'static' || kind === 'method' || kind === 'function';
}

function withHeading(page) {
  return { ...page, heading: escape(page.title) };
}

function titleOf({ path, title }) {
  return { path, title: escape(title) };
}

function sentenceOf(text) {
  return /^[^]*?[.!?](?=\s|$)/.exec(text.replaceAll('\n', ' '))?.[0] ?? text;
}

function add(map, key, value) {
  if (!map.has(key)) map.set(key, []);
  map.get(key).push(value);
}

function write(path, content) {
  mkdirSync(dirname(join(SITE, path)), { recursive: true });
  writeFileSync(join(SITE, path), content);
}
