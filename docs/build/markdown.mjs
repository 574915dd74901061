import { posix } from 'node:path';

import { Marked } from 'marked';
import { format } from 'prettier';

import { diagramOf, escape, rowsOf } from './drawings.mjs';
import { highlight } from './highlight.mjs';

/** Names of methods that are names of options too: a link only where they are written as a call. */
const AMBIGUOUS = new Set([
  'buffer',
  'delay',
  'first',
  'every',
  'limiter',
  'of',
  'from',
  'last',
  'at',
  'some',
  'catch',
  'finally',
]);

/** An anchor, as GitHub makes it of a heading. */
export const slugOf = (text) =>
  text
    .toLowerCase()
    .replaceAll(/<[^>]+>|&\w+;|[^\p{L}\p{N}\s_-]/gu, '')
    .trim()
    .replaceAll(/\s/g, '-');

/**
 * @typedef {object} Rendered
 * @property {string} title - the text of the first heading
 * @property {string} html - everything below it
 * @property {string} summary - the first paragraph, as text
 * @property {{ id: string, text: string, depth: number, summary?: string }[]} headings - those of the second and third level,
 *   with the first paragraph below each
 */

/**
 * Renders a Markdown text for the page at `path`.
 *
 * @param {string} text - Markdown
 * @param {string} path - path of the page within the site, such as `guides/time.html`
 * @param {{ methods?: ReadonlySet<string>, tables?: boolean }} [options] - names to link, and whether the first column of
 *   tables holds names from elsewhere, which are no links
 * @returns {Rendered}
 */
export function render(text, path, { methods = new Set(), tables = false } = {}) {
  const headings = [];
  const ids = new Map();
  let title = '';
  let summary = '';
  let linking = true;
  const up = posix.relative(posix.dirname(path), '.') || '.';

  const marked = new Marked({
    gfm: true,
    renderer: {
      heading({ tokens, depth }) {
        linking = false;
        const html = this.parser.parseInline(tokens);
        linking = true;
        if (depth === 1 && title === '') {
          title = html;
          return '';
        }
        const slug = slugOf(html);
        const count = ids.get(slug) ?? 0;
        ids.set(slug, count + 1);
        const id = count === 0 ? slug : `${slug}-${count}`;
        if (depth <= 3) headings.push({ id, text: html, depth });
        return `<h${depth} id="${id}"><a class="anchor" href="#${id}">${html}</a></h${depth}>\n`;
      },
      paragraph({ tokens }) {
        const html = this.parser.parseInline(tokens);
        summary ||= plain(html);
        const section = headings.at(-1);
        if (section !== undefined) section.summary ??= plain(html);
        return `<p>${html}</p>\n`;
      },
      code({ text: code, lang = '' }) {
        const language = lang.split(' ')[0];
        const isDrawing = language === 'drawing';
        const rows = isDrawing || language === '' ? rowsOf(code, isDrawing ? 1 : 2) : undefined;
        if (rows !== undefined) return diagramOf(code, rows);
        return `<pre${language ? ` data-language="${language}"` : ''} tabindex="0"><code>${highlight(code, language)}</code></pre>\n`;
      },
      codespan({ text: code }) {
        const html = `<code>${escape(code)}</code>`;
        const name = /^(?:AsyncStream\.|\.)?([a-z]\w*)(\(.*)?$/s.exec(code);
        if (!linking || name === null || !methods.has(name[1])) return html;
        if (name[2] === undefined && !code.includes('.') && AMBIGUOUS.has(name[1])) return html;
        const target = `${up}/reference/${name[1]}.html`;
        return path === `reference/${name[1]}.html` ? html : `<a class="method" href="${target}">${html}</a>`;
      },
      link({ href, title: hint, tokens }) {
        linking = false;
        const html = this.parser.parseInline(tokens);
        linking = true;
        return `<a href="${escape(linkTo(href, path))}"${hint ? ` title="${escape(hint)}"` : ''}>${html}</a>`;
      },
      table({ header, rows }) {
        const cells = (row, tag) =>
          row
            .map(({ tokens, align }, column) => {
              linking = tag === 'td' && !(tables && column === 0);
              const html = this.parser.parseInline(tokens);
              linking = true;
              return `<${tag}${align ? ` class="${align}"` : ''}>${html}</${tag}>`;
            })
            .join('');
        const head = header.some((cell) => cell.text.trim() !== '')
          ? `<thead><tr>${cells(header, 'th')}</tr></thead>`
          : '';
        return `<div class="table${tables ? ' stack' : ''}" tabindex="0"><table>${head}<tbody>${rows.map((row) => `<tr>${cells(row, 'td')}</tr>`).join('\n')}</tbody></table></div>\n`;
      },
    },
  });
  const html = marked.parse(text);
  return { title: plain(title), html, summary, headings };
}

const WIDTH = 88;

/**
 * The text with its TypeScript and JavaScript in lines that fit a page. A comment that makes a line too long moves to a line
 * of its own: a result below its statement, any other above it.
 */
export async function fitted(text) {
  const parts = text.split(/(^```(?:ts|js)\b.*\n[^]*?^```$)/m);
  const fit = async (part) => {
    const [, open, code] = /^(```(?:ts|js).*\n)([^]*)\n```$/.exec(part) ?? [];
    return code === undefined ? part : `${open}${await fittedCode(code)}\n\`\`\``;
  };
  return (await Promise.all(parts.map((part, index) => (index % 2 === 0 ? part : fit(part))))).join('');
}

async function fittedCode(code) {
  if (code.split('\n').every((line) => line.length <= WIDTH)) return code;
  const apart = code
    .split('\n')
    .flatMap((line) => {
      const [, indent, statement, comment] = /^( *)(\S.*?) +(\/\/ .*)$/.exec(line) ?? [];
      if (line.length <= WIDTH || statement === undefined) return [line];
      return /^\/\/ (?:=>|prints)/.test(comment)
        ? [indent + statement, indent + comment]
        : [indent + comment, indent + statement];
    })
    .join('\n');
  // Signatures and parts of programs do not parse.
  const options = { parser: 'typescript', singleQuote: true, trailingComma: 'all', printWidth: WIDTH };
  const formatted = await format(apart, options).catch(() => apart);
  return formatted.trim().replaceAll(/^ *\/\/ => .*$/gm, fittedResult);
}

/** A long result goes on in the next line after a comma. */
function fittedResult(line) {
  if (line.length <= WIDTH) return line;
  const lines = [''];
  for (const piece of line.split(/(?<=, )/)) {
    if (lines.at(-1).length + piece.trimEnd().length > WIDTH) lines.push('//    ');
    lines[lines.length - 1] += piece;
  }
  return lines.map((one) => one.trimEnd()).join('\n');
}

const REPOSITORY = 'https://github.com/asyncstream/asyncstream/blob/main/';

/** A link between Markdown sources, as one between pages, or into the repository where it leaves docs/. */
function linkTo(href, path) {
  if (/^[a-z]+:/.test(href)) return href;
  const up = '../'.repeat(path.split('/').length);
  if (href.startsWith(up)) return REPOSITORY + href.slice(up.length);
  return href.replace(/\.md(?=#|$)/, '.html');
}

/** HTML as text. */
export const plain = (html) =>
  html
    .replaceAll(/<[^>]+>/g, '')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&#39;', "'")
    .replaceAll('&amp;', '&');
