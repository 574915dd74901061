import { createReadStream } from 'node:fs';
import { relative } from 'node:path';

import {
  addTo,
  byCount,
  byPath,
  bySize,
  isMinified,
  isNamed,
  placeOf,
  reasonOf,
  TOP,
  type FileFacts,
  type Line,
  type LongestLine,
  type PackageTotals,
  type Report,
  type Unreadable,
} from './facts.ts';
import { identifierFinder } from './identifiers.ts';
import { isSource, packageOf, walk } from './walk.ts';

/** The report of `report.ts` without AsyncStream, as one would write it by hand to be fast. */
export async function reportByHand(root: string, onFile: (file: FileFacts) => void = () => {}): Promise<Report> {
  const packages = new Map<string, PackageTotals>();
  const identifiers = new Map<string, number>();
  const unreadable: Unreadable[] = [];
  const totals = { files: 0, lines: 0, bytes: 0, minified: 0 };
  let longestLine: LongestLine | null = null;

  const giveUp = (path: string, error: unknown): void => {
    unreadable.push({ path: relative(root, path), reason: reasonOf(error) });
  };

  for await (const path of walk(root, giveUp)) {
    if (!isSource(path)) continue;

    let file: FileFacts;
    try {
      file = await readFacts(path);
    } catch (error) {
      giveUp(path, error);
      continue;
    }
    onFile(file);
    if (isMinified(file)) {
      totals.minified++;
      continue;
    }

    const name = packageOf(path);
    const ofPackage = packages.get(name) ?? { name, files: 0, lines: 0, bytes: 0 };
    packages.set(name, ofPackage);
    for (const sums of [totals, ofPackage]) {
      sums.files++;
      sums.lines += file.lines;
      sums.bytes += file.bytes;
    }
    for (const [identifier, count] of file.identifiers) addTo(identifiers, identifier, count);
    if (file.longest !== undefined && file.longest.text.length > (longestLine?.length ?? -1)) {
      longestLine = placeOf(relative(root, path), file.longest);
    }
  }

  return {
    root,
    ...totals,
    packages: [...packages.values()].sort(bySize),
    distinctIdentifiers: identifiers.size,
    identifiers: [...identifiers].sort((a, b) => byCount(b, a)).slice(0, TOP),
    longestLine,
    unreadable: unreadable.sort(byPath),
  };
}

// Not a `for await` over the lines of `readline`: it takes twice as long, and keeps a byte order mark as part of its line.
async function readFacts(path: string): Promise<FileFacts> {
  const identifiers = new Map<string, number>();
  const identifiersIn = identifierFinder();
  let lines = 0;
  let longest: Line | undefined;

  const take = (text: string): void => {
    lines++;
    if (longest === undefined || text.length > longest.text.length) longest = { number: lines, text };
    for (const identifier of identifiersIn(text)) if (isNamed(identifier)) addTo(identifiers, identifier, 1);
  };

  const chunks = createReadStream(path);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of chunks as AsyncIterable<Buffer>) {
    // A CR at the very end stays with its line: its LF may come with the next chunk.
    const pieces = (rest + decoder.decode(chunk, { stream: true })).split(/\r\n|\n|\r(?!$)/);
    rest = pieces.pop()!;
    pieces.forEach(take);
  }
  // Half a character at the very end of the file comes out here, perhaps behind the CR that was waiting.
  rest += decoder.decode();
  if (rest !== '') rest.replace(/\r$/, '').split('\r').forEach(take);

  return { path, bytes: chunks.bytesRead, lines, longest, identifiers };
}
