/*
 * A lexer of JavaScript would be exact. One expression and one flag find nearly the same names at several times the
 * speed. They are wrong only if a single line does not tell: the text of a template literal counts as code.
 */

const SKIPPED = {
  lineComment: String.raw`//[^]*`,
  blockComment: String.raw`/\*[^]*?(?:\*/|$)`,
  doubleQuoted: String.raw`"[^"\\]*(?:\\.[^"\\]*)*"`,
  singleQuoted: String.raw`'[^'\\]*(?:\\.[^'\\]*)*'`,
  // A slash after an operator or an opening bracket starts a regular expression; elsewhere it divides. The look back
  // stands behind the slash: in front of it, it would look back from every character of a long indentation.
  regularExpression: String.raw`/(?<=(?:^|[=(,:;!?&|{}[>]|\breturn)\s*/)(?:[^\\/[]|\\.|\[(?:[^\]\\]|\\.)*\])+/\w*`,
  number: String.raw`\d[\w.]*`,
};
const IDENTIFIER = String.raw`[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*`;

const TOKEN = new RegExp([...Object.values(SKIPPED), IDENTIFIER].join('|'), 'gu');
const STARTS_SKIPPED = /["'/\d]/;

const RESERVED = new Set(
  `await break case catch class const continue debugger default delete do else enum export extends false finally for
  function if implements import in instanceof interface let new null package private protected public return static
  super switch this throw true try typeof var void while with yield`.split(/\s+/),
);

/**
 * Returns a function that takes the lines of one file in order and finds the identifiers in each: names in code, without
 * reserved words, comments, strings, regular expressions and numbers.
 */
export function identifierFinder(): (line: string) => string[] {
  let inComment = false;
  return (line) => {
    let code = line;
    if (inComment) {
      const end = line.indexOf('*/');
      if (end === -1) return [];
      code = line.slice(end + 2);
    }
    const tokens = code.match(TOKEN) ?? [];
    const last = tokens.at(-1) ?? '';
    inComment = last.startsWith('/*') && !(last.length >= 4 && last.endsWith('*/'));
    return tokens.filter((token) => !STARTS_SKIPPED.test(token[0]!) && !RESERVED.has(token));
  };
}
