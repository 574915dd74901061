import { posix } from 'node:path';

import { escape } from './drawings.mjs';

/**
 * One page. All of its content is there without JavaScript; `search.js` adds the search as you type.
 *
 * @param {object} page
 * @param {string} page.path - such as `guides/time.html`
 * @param {string} page.title - as text
 * @param {string} page.heading - the title as HTML
 * @param {string} page.summary - one sentence for search engines
 * @param {string} page.html - the content
 * @param {{ id: string, text: string, depth: number }[]} page.headings
 * @param {string} page.section - the section of the site that it belongs to
 * @param {string} [page.layout] - a class of the body
 * @param {{ section: string, pages: { path: string, title: string }[] }[]} navigation - all pages
 */
export function layout(page, navigation) {
  const to = (path) => posix.relative(posix.dirname(page.path), path);
  const all = navigation.flatMap(({ pages }) => pages);
  const index = all.findIndex(({ path }) => path === page.path);
  const beside = (offset, rel, label) => {
    const other = index < 0 ? undefined : all[index + offset];
    return other
      ? `<a rel="${rel}" href="${to(other.path)}"><small>${label}</small>${other.title}</a>`
      : '<span></span>';
  };
  const toc = page.headings.filter(({ depth }) => depth === 2);
  const hasToc = toc.length > 1 && page.layout !== 'home';
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${page.path === 'index.html' ? 'asyncstream' : `${escape(page.title)} · asyncstream`}</title>
<meta name="description" content="${escape(page.summary)}">
<link rel="icon" href="${to('theme/icon.svg')}">
<link rel="stylesheet" href="${to('theme/style.css')}">
</head>
<body class="${page.layout ?? 'text'}${hasToc ? '' : ' wide'}">
<a class="skip" href="#content">Skip to the content</a>
<header>
<label class="menu-button" for="menu" title="Menu"><span aria-hidden="true"></span>Menu</label>
<a class="logo" href="${to('index.html')}"><svg viewBox="0 0 32 32" aria-hidden="true"><path d="M2 16h28"/><circle cx="9" cy="16" r="4.5"/><circle class="second" cx="20" cy="16" r="4.5"/></svg>asyncstream</a>
<form class="search" role="search" action="${to('names.html')}">
<input type="search" name="q" placeholder="Search: batch, retry, mergeMap …" aria-label="Search" autocomplete="off" data-root="${to('.') || '.'}">
<noscript><style>.search input { display: none }</style><button>All names</button></noscript>
<div class="results" hidden></div>
</form>
</header>
<input type="checkbox" id="menu" aria-label="Show the menu">
<nav class="site" aria-label="Pages">
${navigation
  .map(
    ({ section, pages, collapsed }) =>
      `<details${!collapsed || section === page.section ? ' open' : ''}><summary>${section}</summary><ul>${pages
        .map(
          ({ path, title }) =>
            `<li><a href="${to(path)}"${path === page.path ? ' aria-current="page"' : ''}>${title}</a></li>`,
        )
        .join('')}</ul></details>`,
  )
  .join('\n')}
</nav>
<main id="content">
<article>
${page.layout === 'home' ? '' : `<p class="section">${page.section}</p>\n<h1>${page.heading}</h1>`}
${page.html}
</article>
${page.layout === 'home' ? '' : `<nav class="beside" aria-label="Next page">${beside(-1, 'prev', 'Previous')}${beside(1, 'next', 'Next')}</nav>`}
</main>
${
  hasToc
    ? `<nav class="toc" aria-label="On this page"><p>On this page</p><ul>${toc.map(({ id, text }) => `<li><a href="#${id}">${text}</a></li>`).join('')}</ul></nav>`
    : ''
}
<script src="${to('theme/index.js')}" defer></script>
<script src="${to('theme/search.js')}" defer></script>
</body>
</html>
`;
}
