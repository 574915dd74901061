// Runs the code of the documentation: the blocks of the README, and the `@example`s of the declarations in lib/.
import { fileURLToPath, pathToFileURL } from 'node:url';
import { expect } from '@jest/globals';
import ts from 'typescript';

/** A piece of code in the documentation: the body of a module. */
export interface Example {
  readonly file: string;
  /** The heading or the declaration that it belongs to. */
  readonly name: string;
  /** Where it begins in the file, counted from 1. */
  readonly line: number;
  readonly code: string;
}

export const ROOT = fileURLToPath(new URL('../../', import.meta.url));

// ------------------------------------------------------------------------------------------------- finding examples

/** The ```ts and ```js blocks of a Markdown file, named by the heading above. */
export function examplesInMarkdown(file: string, text: string): Example[] {
  const examples: Example[] = [];
  let name = '';
  // Blocks of all languages are matched, so that a `# comment` in a shell command is no heading.
  for (const match of text.matchAll(/^#+ (?<heading>[^\n]+)$|^```(?<language>\w*)\n(?<code>.*?)^```$/gms)) {
    const { heading, language, code } = match.groups as Record<'heading' | 'language' | 'code', string | undefined>;
    if (heading !== undefined) name = heading;
    else if (language === 'ts' || language === 'js') {
      examples.push({ file, name, line: lineAt(text, match.index) + 1, code: code! });
    }
  }
  return examples;
}

/** The `@example`s of a source file, named by the declaration they document. */
export function examplesInSource(file: string, text: string): Example[] {
  const examples: Example[] = [];
  visit(parse(file, text));
  return examples;

  function visit(node: ts.Node): void {
    for (const example of examplesAt(node)) examples.push({ file, name: nameOf(node), ...example });
    ts.forEachChild(node, visit);
  }
}

interface DocumentedMethod {
  readonly name: string;
  /** Whether its first declaration has an `@example`. */
  readonly hasExample: boolean;
  /** The types of the errors in its `@throws`. */
  readonly errors: readonly string[];
}

/** The methods of a class that everybody may call, by their first declaration. */
export function methodsOf(className: string, text: string): DocumentedMethod[] {
  const isClass = (node: ts.Node): node is ts.ClassDeclaration =>
    ts.isClassDeclaration(node) && node.name?.text === className;
  const methods = new Map<string, DocumentedMethod>();
  for (const member of parse('class.ts', text).statements.find(isClass)!.members) {
    if (!ts.isMethodDeclaration(member) || ts.isPrivateIdentifier(member.name) || isPrivate(member)) continue;
    const name = nameOf(member);
    if (methods.has(name)) continue;
    const errors = ts.getJSDocTags(member).flatMap((tag) => /^@throws \{(\w+)\}/.exec(tag.getText())?.[1] ?? []);
    methods.set(name, { name, hasExample: examplesAt(member).length > 0, errors });
  }
  return Array.from(methods.values());
}

function isPrivate(member: ts.MethodDeclaration): boolean {
  return (ts.getCombinedModifierFlags(member) & (ts.ModifierFlags.Private | ts.ModifierFlags.Protected)) !== 0;
}

function nameOf(node: ts.Node): string {
  const name = ts.getNameOfDeclaration(node as ts.Declaration)?.getText() ?? '';
  if (!ts.isMethodDeclaration(node)) return name;
  const isStatic = (ts.getCombinedModifierFlags(node) & ts.ModifierFlags.Static) !== 0;
  return isStatic ? `${nameOf(node.parent)}.${name}` : name;
}

function examplesAt(node: ts.Node): { line: number; code: string }[] {
  return node
    .getChildren()
    .filter(ts.isJSDoc)
    .flatMap((doc) => Array.from(examplesInComment(doc)));
}

/** Not by the compiler, which changes the white space in the text of a tag. */
function* examplesInComment(doc: ts.JSDoc): Generator<{ line: number; code: string }> {
  const first = lineAt(doc.getSourceFile().text, doc.getStart());
  const lines = doc
    .getText()
    .split('\n')
    .map((line) => line.replace(/\s*\*\/$|^\s*\* ?/g, ''));
  for (let index = 0; index < lines.length; index++) {
    if (lines[index] !== '@example') continue;
    const start = index + 1;
    while (index + 1 < lines.length && !lines[index + 1]!.startsWith('@')) index++;
    yield {
      line: first + start,
      code: lines
        .slice(start, index + 1)
        .join('\n')
        .trimEnd(),
    };
  }
}

function lineAt(text: string, position: number): number {
  return text.slice(0, position).split('\n').length;
}

function parse(file: string, text: string): ts.SourceFile {
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

// ------------------------------------------------------------------------------------------------- running examples

/**
 * Runs an example with the names of `scope` defined. What stands after `// =>`, on the last line of a statement or
 * alone on the next one, is checked:
 *
 *     await stream.count(); // => 3                  the statement gives a value deeply equal to this one
 *     console.log(words); // => ['a', 'b']           the same for what would be printed
 *     await stream.single(); // => throws RangeError: single: …    it throws or rejects; the message may be left out
 */
export async function runExample(example: Example, scope: Readonly<Record<string, unknown>> = {}): Promise<void> {
  const modules = new Map<string, unknown>();
  for (const { fileName } of ts.preProcessFile(example.code).importedFiles) {
    modules.set(fileName, await import(locationOf(fileName)));
  }
  const compiled = ts.transpileModule(withChecks(example.code), {
    compilerOptions: { target: ts.ScriptTarget.ES2022, module: ts.ModuleKind.CommonJS },
  });
  const parameters = { ...scope, ...checksFor(example), exports: {}, require: (name: string) => modules.get(name) };
  const AsyncFunction = (async () => {}).constructor as FunctionConstructor;
  await AsyncFunction(...Object.keys(parameters), compiled.outputText)(...Object.values(parameters));
}

function locationOf(specifier: string): string {
  if (specifier === 'asyncstream') return '../../lib/index.ts';
  if (specifier === 'asyncstream/testing') return '../../lib/testing/index.ts';
  return specifier.startsWith('.') ? pathToFileURL(ROOT + specifier).href : specifier;
}

/** The code with a call of a check in place of each statement that has an expectation. */
function withChecks(code: string): string {
  let checked = '';
  let position = 0;
  let count = 0;
  for (const statement of parse('example.ts', code).statements) {
    const expectation = expectationAfter(statement, code);
    if (expectation === undefined || !ts.isExpressionStatement(statement)) continue;
    const [, error, message, value] = /^(?:throws (\w+)(?:: (.+))?|(.+))$/.exec(expectation)!;
    const line = lineAt(code, statement.getEnd()) - 1;
    checked += code.slice(position, statement.getStart());
    checked +=
      error === undefined
        ? `$equals(await (${printed(statement.expression)}), (${value!}), ${line});`
        : `await $throws(async () => (${printed(statement.expression)}), '${error}', ${JSON.stringify(message)}, ${line});`;
    position = statement.getEnd();
    count++;
  }
  const expectations = code.match(/\/\/ =>/g)?.length ?? 0;
  if (count < expectations)
    throw new Error(`${expectations - count} of the "// =>" in it follow no expression:\n${code}`);
  return checked + code.slice(position);
}

function expectationAfter(statement: ts.Statement, code: string): string | undefined {
  return /^[ \t]*\n?[ \t]*\/\/ => (.+)/.exec(code.slice(statement.getEnd()))?.[1];
}

/** What would be printed, where it is that which counts. */
function printed(expression: ts.Expression): string {
  const isPrint = ts.isCallExpression(expression) && expression.expression.getText() === 'console.log';
  return isPrint ? expression.arguments.map((argument) => argument.getText()).join() : expression.getText();
}

function checksFor({ file, line: start }: Example) {
  return {
    $equals(actual: unknown, expected: unknown, line: number): void {
      at(`${file}:${start + line}`, () => expect(withPrototype(actual)).toStrictEqual(expected));
    },
    async $throws(run: () => Promise<unknown>, name: string, message: string | undefined, line: number) {
      const outcome = await run().then(
        (value) => ({ value }),
        (thrown: unknown) => ({ thrown: thrown as Error }),
      );
      at(`${file}:${start + line}`, () => {
        expect(outcome).toEqual({ thrown: expect.anything() });
        const { thrown } = outcome as { thrown: Error };
        expect({ name: thrown.name, message: thrown.message }).toEqual({ name, message: message ?? thrown.message });
      });
    },
  };
}

/** `toObject` gives objects without one; to say so in each example would tell nobody anything. */
function withPrototype(value: unknown): unknown {
  const bare = typeof value === 'object' && value !== null && Object.getPrototypeOf(value) === null;
  return bare ? { ...value } : value;
}

function at(place: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    throw new Error(`${place}: ${(error as Error).message}`, { cause: error });
  }
}

// ------------------------------------------------------------------------------------------------- types of examples

/** The files that examples import, directly or not. Parsing them takes longer than checking the examples. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** Returns the errors that the compiler finds in examples, under the options of the project and these. */
export function typeErrors(examples: readonly Example[], options: ts.CompilerOptions = {}): string[] {
  const { config } = ts.readConfigFile(`${ROOT}tsconfig.json`, ts.sys.readFile);
  const project = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT).options;
  const all = { ...project, noUnusedLocals: false, ...options };
  const host = ts.createCompilerHost(all);
  const { getSourceFile, fileExists, readFile } = host;

  // They exist in memory only, in the folder of the project, from where their imports are looked up.
  const files = new Map(examples.map((example, index) => [`${ROOT}example-${index}.ts`, example]));
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.readFile = (name) => files.get(name)?.code ?? readFile(name);
  host.getSourceFile = (name, version, ...rest) => {
    const example = files.get(name);
    if (example) return ts.createSourceFile(name, example.code, version, true);
    if (!parsed.has(name)) parsed.set(name, getSourceFile(name, version, ...rest));
    return parsed.get(name);
  };

  const program = ts.createProgram([...files.keys()], all, host);
  return Array.from(files).flatMap(([name, { file, line }]) =>
    ts.getPreEmitDiagnostics(program, program.getSourceFile(name)).map((diagnostic) => {
      const place = diagnostic.file?.getLineAndCharacterOfPosition(diagnostic.start ?? 0).line ?? 0;
      return `${file}:${line + place}: ${ts.flattenDiagnosticMessageText(diagnostic.messageText, '\n')}`;
    }),
  );
}
