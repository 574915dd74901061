// Each error can be looked up: docs/error-messages.md has a section for it, and a message with an address leads there.
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import * as library from '../lib/index.ts';
import { AsyncStream } from '../lib/index.ts';
import { outcomeOf } from './support/turns.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const read = (file: string): string => readFileSync(`${ROOT}${file}`, 'utf8');
const { repository } = JSON.parse(read('package.json')) as { repository: { url: string } };
const PAGE = `${repository.url.replace(/^git\+|\.git$/g, '')}/blob/main/docs/error-messages.md#`;

/** The anchors that GitHub and the site make of the headings. */
const anchors = new Set(
  Array.from(read('docs/error-messages.md').matchAll(/^## (.+)$/gm), ([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  ),
);
const anchorOf = (message: string): string | undefined =>
  message.endsWith(')') ? message.slice(message.indexOf(PAGE) + PAGE.length, -1) : undefined;

const classes: Readonly<Record<string, () => Error>> = {
  StreamConsumedError: () => new library.StreamConsumedError([].values()),
  OverflowError: () => new library.OverflowError(1),
  TeeStalledError: () => new library.TeeStalledError(0, 1),
  GroupStalledError: () => new library.GroupStalledError([1], [2], 1),
  DestinationClosedError: () => new library.DestinationClosedError(),
};

describe('the message of an error with a name', () => {
  test('is known for each class that is exported', () => {
    const exported = Object.entries(library).filter(
      ([, value]) => typeof value === 'function' && value.prototype instanceof Error,
    );
    expect(exported.map(([name]) => name).toSorted()).toEqual(Object.keys(classes).toSorted());
  });

  test.each(Object.entries(classes))('%s ends with the address of its section', (name, make) => {
    const { message, name: own } = make();
    expect(own).toBe(name);
    expect(message).toContain(` (see ${PAGE}`);
    expect(anchorOf(message)).toBe(name.toLowerCase());
    expect(anchors).toContain(anchorOf(message));
  });

  test.each([1, { first: 1 }, { total: 1 }])('timeout(%j) ends with the address of its section', async (limits) => {
    const silent = AsyncStream.from(() => new ReadableStream<string>());
    const { error } = (await outcomeOf(() => silent.timeout(limits).toArray())) as { error: Error };
    expect([error.name, anchorOf(error.message)]).toEqual(['TimeoutError', 'timeouterror']);
    expect(anchors).toContain('timeouterror');
  });
});

test.each([
  [[1, 'b', null], [], "another group and does not read groups 1, 'b', null,"],
  [['a'], [2], "group 2 and does not read group 'a',"],
  [[1, 2, 3, 4, 5, 6, 7], [8, 9], 'groups 8, 9 and does not read groups 1, 2, 3, 4, 5, 2 more,'],
  [[1, 2, 3, 4, 5], [6], 'group 6 and does not read groups 1, 2, 3, 4, 5,'],
])(
  'a GroupStalledError with the unread %p and the awaited %p names the first five of each',
  (unread, awaited, said) => {
    const error = new library.GroupStalledError(unread, awaited, 16);
    expect(error).toMatchObject({ unread, awaited, size: 16 });
    expect(error.message.slice(0, error.message.indexOf(' (see'))).toBe(
      `groupByKey: the consumer waits for ${said} which block the source at 16 elements: ` +
        'read all groups at the same time, or raise the buffer',
    );
  },
);

describe('the message of any other error', () => {
  const sources = readdirSync(`${ROOT}lib`, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.ts'),
  );
  const thrown = sources
    .filter((file) => !/^(?:testing|eslint)/.test(file))
    .flatMap((file) => Array.from(read(`lib/${file}`).matchAll(/new (?:Range|Type)Error\(\s*[\x60'](.*?)[\x60']\)/g)))
    .map(([, message]) => message!);

  test('begins with a method or a subject that the page has a section for', () => {
    const sections = [...anchors];
    const missing = thrown.filter((message) => {
      // Errors of arguments are made in one place, and have their own sections.
      if (/ must be \$| unknown option /.test(message)) return false;
      const [, method] = /^(?:(\w+)|\$\{this\.#method\}):/.exec(message) ?? [];
      const wanted = message.includes(':') && method !== undefined ? method.toLowerCase() : undefined;
      if (message.startsWith('${this.#method}:')) return !anchors.has('zip');
      if (wanted !== undefined) return !anchors.has(wanted);
      return !sections.some((anchor) => message.toLowerCase().replaceAll(' ', '-').includes(anchor));
    });
    expect(thrown.length).toBeGreaterThan(10);
    expect(missing).toEqual([]);
  });
});
