import { escape } from './drawings.mjs';

const WORDS = {
  ts: 'abstract as async await break case catch class const continue declare default delete do else export extends false finally for from function get if implements import in infer instanceof interface is keyof let new null of private protected public readonly return set static super switch this throw true try type typeof undefined unknown using var void while yield',
  python:
    'and as async await break class continue def del elif else except False finally for from if import in is lambda None not or pass raise return True try while with yield',
  sh: '',
};
const TOKENS = {
  ts: /(?<comment>\/\/[^\n]*|\/\*[^]*?\*\/)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`)|(?<number>\b\d[\d_.]*\b)|(?<call>[A-Za-z_$][\w$]*(?=\())|(?<word>[A-Za-z_$][\w$]*)/g,
  python:
    /(?<comment>#[^\n]*)|(?<string>'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*")|(?<number>\b\d[\d_.]*\b)|(?<call>[A-Za-z_]\w*(?=\())|(?<word>[A-Za-z_]\w*)/g,
  sh: /(?<comment>(?<=^|\s)#[^\n]*)|(?<string>'[^']*'|"[^"]*")/g,
};
const LANGUAGES = { ts: 'ts', js: 'ts', typescript: 'ts', python: 'python', py: 'python', sh: 'sh' };

/** Code as HTML, with a class for each kind of token. */
export function highlight(code, language = '') {
  const known = LANGUAGES[language];
  if (known === undefined) return escape(code);
  const keywords = new Set(WORDS[known].split(' '));
  let html = '';
  let position = 0;
  for (const match of code.matchAll(TOKENS[known])) {
    html += escape(code.slice(position, match.index));
    position = match.index + match[0].length;
    const { comment, string, number, call, word } = match.groups;
    const member = code[match.index - 1] === '.';
    const kind =
      comment !== undefined
        ? /^\/\/ (?:=>|prints| {2})/.test(comment)
          ? 'result'
          : 'comment'
        : string !== undefined
          ? 'string'
          : number !== undefined
            ? 'number'
            : keywords.has(call ?? word) && !member
              ? 'keyword'
              : call !== undefined
                ? 'call'
                : undefined;
    html += kind === undefined ? escape(match[0]) : `<span class="${kind}">${escape(match[0])}</span>`;
  }
  return html + escape(code.slice(position));
}
