/**
 * Writes the public surface of the package, as its declarations without comments, to docs/asyncstream.api.md, so that each
 * change of it shows in review. `--check` writes nothing, and fails if the file is not up to date. Reads dist/.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import ts from 'typescript';

const FILE = 'docs/asyncstream.api.md';
const ENTRIES = { asyncstream: 'index', 'asyncstream/testing': 'testing', 'asyncstream/eslint': 'eslint' };

const report = [
  '# The public surface',
  '',
  'Written by `npm run api` from the declarations in dist/. Do not edit it: a change here is a change for users.',
  ...Object.entries(ENTRIES).map(([name, file]) => `\n## ${name}\n\n\`\`\`ts\n${surfaceOf(`dist/${file}.d.ts`)}\`\`\``),
  '',
].join('\n');

if (!process.argv.includes('--check')) writeFileSync(FILE, report);
else if (readFileSync(FILE, 'utf8') !== report) {
  console.error(`The public surface has changed. Run \`npm run api\`, and look at the difference in ${FILE}.`);
  process.exitCode = 1;
}

/** The declarations of a file without comments and private members, as TypeScript prints them. */
function surfaceOf(path) {
  const file = ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.Latest, true);
  const printer = ts.createPrinter({ removeComments: true });
  const { transformed } = ts.transform(file, [
    (context) => (root) => {
      const visit = (node) => (isPrivate(node) ? undefined : ts.visitEachChild(node, visit, context));
      return ts.visitNode(root, visit);
    },
  ]);
  return printer.printFile(transformed[0]).replaceAll('\r\n', '\n');
}

function isPrivate(node) {
  if (!ts.isClassElement(node)) return false;
  const isModified = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Private) !== 0;
  return isModified || (node.name !== undefined && ts.isPrivateIdentifier(node.name));
}
