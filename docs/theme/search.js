/* Search over the index that `npm run docs` writes. A classic script, so that it runs on pages opened as files. */

/** Words that say nothing about a page, unless there is no other. */
const COMMON = new Set(
  'a after an and are as at be by can do does each every for from get how i if in into is it its my not of on one or some that the their then this to two up use using want what when where which with'.split(
    ' ',
  ),
);

/** Of pages that say the same, the one that explains it. */
const PREFERENCE = { method: 1.2, Diagrams: 0.5, type: 0.7 };

const terms = new WeakMap();

/**
 * Finds entries by their name, by names that other libraries use for them, and by words of their text. An entry that has
 * all words comes before one that has some; a rare word counts more than one that is everywhere.
 *
 * @typedef {{ title: string, url: string, kind: string, names: string[], text: string, words: string }} Entry
 * @param {Entry[]} entries
 * @param {string} query
 * @returns {Entry[]}
 */
function findEntries(entries, query) {
  const all = wordsOf(query);
  const telling = all.filter((word) => !COMMON.has(word));
  const words = telling.length > 0 ? telling : all;
  if (words.length === 0) return [];
  if (!terms.has(entries)) terms.set(entries, entries.map(termsOf));
  const list = terms.get(entries);
  const rarity = words.map((word) => {
    const stem = stemOf(word);
    return Math.log(1 + list.length / (1 + list.filter(({ head, body }) => head.has(stem) || body.has(stem)).length));
  });
  const scored = list.map((entry) => {
    const scores = words.map((word) => scoreOf(entry, word));
    const found = scores.filter((score) => score > 0).length;
    const sum = scores.reduce((total, score, index) => total + score * rarity[index], 0);
    const score = (sum / words.length) * (found / words.length) ** 2 + nameScore(entry, query);
    return { entry: entry.entry, score: score * (PREFERENCE[entry.entry.kind] ?? 1) };
  });
  return scored
    .filter(({ score }) => score > 0)
    .sort((one, other) => other.score - one.score)
    .slice(0, 12)
    .map(({ entry }) => entry);
}

function termsOf(entry) {
  const { title, names, text, words } = entry;
  return {
    entry,
    // `StreamConsumedError` has its parts as words too.
    title: new Set(wordsOf(`${title} ${title.replaceAll(/(?<=[a-z])(?=[A-Z])/g, ' ')}`).map(stemOf)),
    own: compact(title),
    names: names.map(compact),
    head: new Set(wordsOf(`${title} ${text} ${names.join(' ')}`).map(stemOf)),
    body: new Set(wordsOf(words).map(stemOf)),
  };
}

/** By the best place where the word is. While it is being typed, its beginning counts too. */
function scoreOf({ title, own, names, head, body }, word) {
  const stem = stemOf(word);
  if (own === word) return 16;
  if (names.includes(word)) return 12;
  if (title.has(stem)) return 10;
  if (head.has(stem)) return 6;
  if (body.has(stem)) return 2;
  if (word.length < 3) return 0;
  for (const one of head) if (one.startsWith(word)) return 2;
  for (const one of body) if (one.startsWith(word)) return 0.5;
  return 0;
}

/** The whole query as a name, however it is written: `as_completed`, `Readable.from`, `p-map`. */
function nameScore({ own, names }, text) {
  const query = compact(text);
  if (query !== '' && own === compact(text.split('.').at(-1))) return own === query ? 400 : 200;
  if (names.includes(query)) return 300;
  if (own.startsWith(query)) return 120 - own.length;
  if (names.some((name) => name.startsWith(query))) return 60;
  return query.length > 2 && own.includes(query) ? 30 : 0;
}

function wordsOf(text) {
  return text.toLowerCase().match(/[\p{L}\p{N}]+/gu) ?? [];
}

function compact(text) {
  return wordsOf(text).join('');
}

/** Roughly: `batches`, `batching` and `batch` are one word. */
function stemOf(word) {
  if (word.length < 4) return word;
  return word
    .replace(/ies$/, 'y')
    .replace(/enc(?:y|e)$/, 'ent')
    .replace(/(?:ing|ed|es|s)$/, '')
    .replace(/([b-df-hj-np-tv-z])\1$/, '$1')
    .replace(/(?:e|ation)$/, '');
}

function startSearch() {
  const input = document.querySelector('.search input');
  const list = document.querySelector('.results');
  const root = input.dataset.root;
  let selected = -1;

  const show = () => {
    const found = findEntries(window.asyncstreamIndex ?? [], input.value);
    selected = -1;
    list.hidden = input.value.trim() === '';
    list.replaceChildren(
      ...found.map((entry) => {
        const link = document.createElement('a');
        link.href = `${root}/${entry.url}`;
        const also = entry.names.find((name) => name.toLowerCase() === input.value.trim().toLowerCase());
        const [title, kind, text] = ['b', 'i', 'span'].map((tag) => document.createElement(tag));
        title.textContent = entry.title;
        kind.textContent = also ? `${also} elsewhere` : entry.kind;
        text.textContent = entry.text.slice(0, 110);
        link.append(title, kind, text);
        return link;
      }),
    );
    if (found.length === 0) list.textContent = 'Nothing found.';
  };
  const move = (by) => {
    const links = list.querySelectorAll('a');
    if (links.length === 0) return;
    links[selected]?.classList.remove('selected');
    selected = (selected + by + links.length) % links.length;
    links[selected].classList.add('selected');
    links[selected].scrollIntoView({ block: 'nearest' });
  };

  input.addEventListener('input', show);
  input.addEventListener('focus', show);
  input.form.addEventListener('submit', (event) => {
    const link = list.querySelector('a.selected') ?? list.querySelector('a');
    if (link === null) return;
    event.preventDefault();
    location.href = link.href;
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'ArrowDown') move(1);
    else if (event.key === 'ArrowUp') move(-1);
    else if (event.key === 'Escape') input.blur();
    else return;
    event.preventDefault();
  });
  document.addEventListener('click', (event) => {
    if (!input.form.contains(event.target)) list.hidden = true;
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== '/' || event.target instanceof HTMLInputElement) return;
    event.preventDefault();
    input.focus();
  });
}

/** A long menu begins at the page that is open. */
function showInMenu() {
  const menu = document.querySelector('nav.site');
  const link = menu.querySelector('[aria-current]');
  if (link !== null && link.offsetTop > menu.clientHeight) menu.scrollTop = link.offsetTop - menu.clientHeight / 2;
}

if (typeof document !== 'undefined') {
  startSearch();
  showInMenu();
}
