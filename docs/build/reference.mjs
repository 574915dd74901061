/** Reads the documentation of the public surface with typedoc, as plain data. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { format } from 'prettier';
import { Application, Converter, ReflectionKind } from 'typedoc';
import ts from 'typescript';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/**
 * @typedef {object} Entry - a method, function, class or type
 * @property {string} name
 * @property {'static' | 'method' | 'function' | 'type' | 'class'} kind
 * @property {string} group - what it is for
 * @property {string[]} signatures - TypeScript declarations
 * @property {string} text - Markdown: sentence and remarks
 * @property {{ tag: string, text: string }[]} blocks - `@throws`, `@param` and `@example`
 * @property {{ name: string, type: string, optional: boolean, call: boolean, text: string }[]} members - fields of an interface
 */

/**
 * @param {string} entryPoint - such as `lib/index.ts`
 * @returns {Promise<{ entries: Entry[], undocumented: string[] }>} what it exports, and the symbols that say nothing
 */
export async function readReference(entryPoint) {
  const app = await Application.bootstrap({
    entryPoints: [entryPoint],
    tsconfig: `${ROOT}tsconfig.json`,
    excludePrivate: true,
    excludeInternal: true,
    excludeExternals: true,
    readme: 'none',
    sort: ['source-order'],
    logLevel: 'Error',
    skipErrorChecking: true,
  });
  const declarations = new Map();
  app.converter.on(Converter.EVENT_CREATE_SIGNATURE, (_context, reflection, node) => {
    if (node !== undefined) declarations.set(reflection, node);
  });
  app.converter.on(Converter.EVENT_CREATE_DECLARATION, (context, reflection) => {
    const node = context.getSymbolFromReflection(reflection)?.declarations?.[0];
    if (node !== undefined) declarations.set(reflection, node);
  });
  const project = await app.convert();
  if (project === undefined) throw new Error(`${entryPoint} could not be read`);

  const entries = [];
  const undocumented = [];
  for (const reflection of project.children) {
    if (reflection.name === 'AsyncStream') {
      entries.push(await typeEntry(reflection));
      for (const member of reflection.children) {
        if (!member.signatures || member.name.startsWith('[') || member.kind !== ReflectionKind.Method) continue;
        entries.push(await callable(member, member.flags.isStatic ? 'static' : 'method'));
      }
    } else if (reflection.signatures && reflection.kind === ReflectionKind.Function) {
      entries.push(await callable(reflection, 'function'));
    } else if (reflection.kind !== ReflectionKind.Namespace && reflection.kind !== ReflectionKind.Reference) {
      entries.push(await typeEntry(reflection));
    }
  }
  for (const { name, text, members } of entries) {
    if (text.trim() === '') undocumented.push(name);
    for (const member of members) if (member.text.trim() === '') undocumented.push(`${name}.${member.name}`);
  }
  return { entries, undocumented };

  async function callable(reflection, kind) {
    const comment = reflection.signatures.find((signature) => signature.comment)?.comment;
    const nodes = reflection.signatures.map((signature) => declarations.get(signature));
    return {
      name: reflection.name,
      kind,
      group: groupOf(comment, nodes[0]) ?? (kind === 'function' ? 'Functions' : 'Other'),
      signatures: await Promise.all(nodes.map((node) => declarationOf(node))),
      ...withErrors(textOf(comment), nodes[0]),
      members: [],
    };
  }

  async function typeEntry(reflection) {
    const node = declarations.get(reflection);
    const isClass = reflection.kind === ReflectionKind.Class;
    const own = (reflection.children ?? []).filter(
      (member) =>
        !member.inheritedFrom &&
        (!isClass || member.kind === ReflectionKind.Property) &&
        reflection.name !== 'AsyncStream',
    );
    const members = own.map((member) => {
      const memberNode = declarations.get(member.signatures?.[0] ?? member);
      const type = member.signatures
        ? memberText(memberNode)
        : (memberNode?.type?.getText() ?? member.type?.toString() ?? '');
      return {
        name: member.name,
        type: type.replaceAll(/\s+/g, ' ').replace(/ \| undefined$/, ''),
        optional: member.flags.isOptional === true,
        call: member.signatures !== undefined,
        text: markdownOf((member.comment ?? member.signatures?.[0]?.comment)?.summary),
      };
    });
    return {
      name: reflection.name,
      kind: isClass ? 'class' : 'type',
      group: 'Types',
      signatures: node === undefined || isClass || members.length > 0 ? [] : [await formatted(withoutComments(node))],
      ...textOf(reflection.comment ?? reflection.type?.declaration?.signatures?.[0]?.comment),
      members,
    };
  }
}

function textOf(comment) {
  return {
    text: markdownOf(comment?.summary),
    blocks: (comment?.blockTags ?? [])
      .filter(({ tag }) => tag !== '@category')
      .map(({ tag, name, content }) => ({ tag, text: (name ? `\`${name}\` ` : '') + markdownOf(content) })),
  };
}

/** typedoc leaves out the type of a `@throws`. */
function withErrors({ text, blocks }, node) {
  const tags = node === undefined ? [] : ts.getJSDocTags(node).filter(({ tagName }) => tagName.text === 'throws');
  const errors = tags.map((tag) => /\{([^}]+)\}/.exec(tag.getText())?.[1]);
  return {
    text,
    blocks: blocks.map((block) => {
      const error = block.tag === '@throws' ? errors.shift() : undefined;
      return error === undefined ? block : { ...block, text: `${error} ${block.text}` };
    }),
  };
}

function markdownOf(parts = []) {
  return parts
    .map((part) => (part.kind === 'inline-tag' ? `\`${part.text}\`` : part.text))
    .join('')
    .trim();
}

/** By the tag, or else by the line above the method that divides the class into sections. */
function groupOf(comment, node) {
  const tag = comment?.blockTags.find((block) => block.tag === '@category');
  if (tag !== undefined) return markdownOf(tag.content);
  if (node === undefined || !ts.isClassElement(node)) return undefined;
  const above = node.getSourceFile().text.slice(0, node.getStart());
  const section = Array.from(above.matchAll(/^ *\/\/ -{20,} (.+)$/gm)).at(-1)?.[1];
  return section && section[0].toUpperCase() + section.slice(1);
}

/** The declaration without its body and comments. A parameter with a default is an optional one. */
async function declarationOf(node) {
  if (node === undefined) return '';
  const source = node.getSourceFile().text;
  const end = node.body?.getStart() ?? node.getEnd();
  let text = '';
  let position = node.getStart();
  for (const { name, initializer } of node.parameters ?? []) {
    if (initializer === undefined) continue;
    text += `${source.slice(position, name.getEnd())}?${source.slice(name.getEnd(), initializer.getFullStart()).replace(/\s*=$/, '')}`;
    position = initializer.getEnd();
  }
  text = (text + source.slice(position, end)).trim().replace(/;$/, '');
  if (ts.isClassElement(node)) {
    const pretty = await formatted(`declare class C { ${text}; }`);
    return pretty
      .split('\n')
      .slice(1, -1)
      .map((line) => line.replace(/^ {2}/, ''))
      .join('\n')
      .replace(/;$/, '');
  }
  const pretty = await formatted(`${text.replace(/^export (?:async )?/, 'declare ')};`);
  return pretty.replaceAll(/^declare |;$/g, '');
}

function memberText(node) {
  const text = node?.getText().replace(/;$/, '') ?? '';
  return text.slice(text.indexOf('('));
}

function withoutComments(node) {
  return node.getText().replaceAll(/\/\*\*[^]*?\*\/\s*/g, '');
}

async function formatted(text) {
  const options = JSON.parse(readFileSync(`${ROOT}.prettierrc.json`, 'utf8'));
  return (await format(text, { ...options, parser: 'typescript', printWidth: 88 })).trim();
}
