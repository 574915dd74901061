// The public surface as one text: what it mentions is exported, and what it exports is documented.

import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';

import { ROOT } from './support/docs.ts';

const INDEX = join(ROOT, 'lib/index.ts');
const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), ts.sys.readFile);
const { options } = ts.parseJsonConfigFileContent({ ...config, include: [] }, ts.sys, ROOT);
const program = ts.createProgram([INDEX], options);
const checker = program.getTypeChecker();

/** The symbols that the package exports, those of its namespaces among them. */
const exported = new Set<ts.Symbol>();
const collect = (module: ts.Symbol): void => {
  for (const name of checker.getExportsOfModule(module)) {
    const symbol = resolved(name);
    if (symbol.flags & ts.SymbolFlags.ValueModule) collect(symbol);
    else exported.add(symbol);
  }
};
collect(checker.getSymbolAtLocation(program.getSourceFile(INDEX)!)!);

function resolved(symbol: ts.Symbol): ts.Symbol {
  return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
}

/** The parts of a declaration that a user of the package sees. */
function visible(node: ts.Node): ts.Node[] {
  if (ts.isClassDeclaration(node)) {
    return [
      ...(node.typeParameters ?? []),
      ...(node.heritageClauses ?? []),
      ...node.members.filter(isPublic).flatMap(visible),
    ];
  }
  if (ts.isFunctionLike(node) && 'body' in node && node.body !== undefined) {
    // The implementation of overloads is not seen.
    return isOverloaded(node) ? [] : children(node).filter((child) => child !== node.body);
  }
  if (ts.isVariableDeclaration(node) || ts.isPropertyDeclaration(node)) return node.type ? [node.type] : [];
  return [node];
}

function children(node: ts.Node): ts.Node[] {
  const found: ts.Node[] = [];
  ts.forEachChild(node, (child) => void found.push(child));
  return found;
}

function isPublic(member: ts.ClassElement): boolean {
  const hidden = ts.ModifierFlags.Private | ts.ModifierFlags.Protected;
  const named = member.name !== undefined && !ts.isPrivateIdentifier(member.name);
  return named && (ts.getCombinedModifierFlags(member) & hidden) === 0;
}

function isOverloaded(node: ts.SignatureDeclaration): boolean {
  const symbol = node.name && checker.getSymbolAtLocation(node.name);
  return (symbol?.declarations?.length ?? 0) > 1;
}

/** The types that a node names, and that are declared in lib/. */
function mentioned(node: ts.Node, found: Set<ts.Symbol>): Set<ts.Symbol> {
  const name = ts.isTypeReferenceNode(node)
    ? node.typeName
    : ts.isExpressionWithTypeArguments(node)
      ? node.expression
      : undefined;
  const symbol = name && checker.getSymbolAtLocation(name);
  if (symbol) {
    const target = resolved(symbol);
    const isParameter = (target.flags & ts.SymbolFlags.TypeParameter) !== 0;
    if (!isParameter && target.declarations?.some((at) => at.getSourceFile().fileName.startsWith(join(ROOT, 'lib')))) {
      found.add(target);
    }
  }
  ts.forEachChild(node, (child) => void mentioned(child, found));
  return found;
}

/** The steps by which types are computed. Editors show their results, and never their names. */
const STEPS = new Set([
  'Adding',
  'Common',
  'Digit',
  'Emitted',
  'Expanded',
  'Handled',
  'Loaded',
  'Mapped',
  'NodeEmitter',
  'Overloads',
  'PlatformReadableStream',
  'PlatformSignal',
  'Streamed',
  'Told',
  'Tuple',
]);

test('each type that an exported declaration mentions is exported', () => {
  const missing = new Set<string>();
  for (const symbol of exported) {
    for (const declaration of symbol.declarations!) {
      for (const type of visible(declaration).flatMap((node) => [...mentioned(node, new Set())])) {
        if (!exported.has(type) && !STEPS.has(type.name)) missing.add(`${symbol.name} mentions ${type.name}`);
      }
    }
  }
  expect([...missing].sort()).toEqual([]);
});

describe('is documented:', () => {
  const isDocumented = (node: ts.Node): boolean => ts.getJSDocCommentsAndTags(node).some(ts.isJSDoc);
  const undocumented = (symbol: ts.Symbol, name = symbol.name): string[] => {
    const overloads = symbol.declarations!.length > 1;
    return symbol.declarations!.flatMap((declaration) => {
      const own = isDocumented(declaration) || (overloads && 'body' in declaration && declaration.body) ? [] : [name];
      const members = ts.isClassDeclaration(declaration) ? declaration.members.filter(isPublic) : [];
      const inner = ts.isInterfaceDeclaration(declaration) ? [...declaration.members] : members;
      const symbols = new Set(inner.map((member) => member.name && checker.getSymbolAtLocation(member.name)));
      return [
        ...own,
        ...[...symbols].flatMap((member) => (member ? undocumented(member, `${name}.${member.name}`) : [])),
      ];
    });
  };

  // `name` of an error, and the members of the parts of platform types that are used: their platform documents them.
  const PLATFORM = /^\w+Error\.name$|^(?:\w+Like|TransformPair|Node\w+|DisposableIterator)\./;

  test.each(Array.from(exported, (symbol) => [symbol.name, symbol] as const))('%s', (_name, symbol) => {
    expect(undocumented(symbol).filter((name) => !PLATFORM.test(name))).toEqual([]);
  });
});

const CATEGORIES = new Set([
  'Sources',
  'Elements',
  'Flattening and chunks',
  'Combining',
  'Buffers and time',
  'Sharing',
  'Text',
  'Errors and cancellation',
  'Results',
  'By hand',
  'Streams of the platform',
  'Looking inside',
]);

describe('a hover over a method shows a sentence, an example and its category:', () => {
  const stream = [...exported].find(({ name }) => name === 'AsyncStream')!.declarations!.find(ts.isClassDeclaration)!;
  const methods = stream.members.filter(ts.isMethodDeclaration).filter(isPublic);
  const first = new Map(methods.toReversed().map((method) => [keyOf(method), method]));

  function keyOf(method: ts.MethodDeclaration): string {
    const isStatic = (ts.getCombinedModifierFlags(method) & ts.ModifierFlags.Static) !== 0;
    return `${isStatic ? 'AsyncStream.' : ''}${method.name.getText()}`;
  }

  test.each([...first])('%s', (_name, method) => {
    const tags = ts.getJSDocTags(method);
    const textOf = (name: string): string[] =>
      tags.filter((tag) => tag.tagName.text === name).map((tag) => ts.getTextOfJSDocComment(tag.comment) ?? '');
    const doc = ts.getJSDocCommentsAndTags(method).find(ts.isJSDoc)!;
    expect(ts.getTextOfJSDocComment(doc.comment)).toMatch(/^[A-Z][^]*\./);
    expect(textOf('example')).not.toEqual([]);
    expect(textOf('category').filter((category) => !CATEGORIES.has(category.trim()))).toEqual([]);
    expect(textOf('category')).toHaveLength(1);
  });
});
