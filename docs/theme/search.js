/* Search over the index that `npm run docs` writes. A classic script, so that it runs on pages opened as files. */

/**
 * Finds entries by their name, by names that other libraries use for them, and by words of their text.
 *
 * @param {{ title: string, url: string, kind: string, names: string[], text: string }[]} entries
 * @param {string} query
 */
function findEntries(entries, query) {
  const words = query
    .toLowerCase()
    .split(/[\s.()-]+/)
    .filter(Boolean);
  if (words.length === 0) return [];
  const found = best(entries, (entry) => scoreOf(entry, words));
  if (found.length > 0 || words.length === 1) return found;
  // Nothing has all words: what has some of them.
  const long = words.filter((word) => word.length > 2);
  return best(entries, (entry) => long.reduce((sum, word) => sum + scoreOf(entry, [word]), 0));
}

function best(entries, score) {
  return entries
    .map((entry) => ({ entry, score: score(entry) }))
    .filter(({ score }) => score > 0)
    .sort((a, b) => b.score - a.score)
    .slice(0, 12)
    .map(({ entry }) => entry);
}

/** Every word has to be found; each counts by the best place where it is. */
function scoreOf({ title, names, text, kind }, words) {
  const own = title.toLowerCase();
  const others = names.map((name) => name.toLowerCase());
  let total = 0;
  for (const word of words) {
    let score = 0;
    if (own === word) score = 100;
    else if (others.includes(word)) score = 80;
    else if (own.startsWith(word)) score = 60;
    else if (others.some((name) => name.startsWith(word))) score = 40;
    else if (own.includes(word)) score = 30;
    else if (text.toLowerCase().includes(word)) score = 5;
    if (score === 0) return 0;
    total += score;
  }
  return total + (kind === 'method' ? 2 : 0);
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

if (typeof document !== 'undefined') startSearch();
