// Every source of the library passes the check that users put on sources of their own.
import { expect, test } from '@jest/globals';
import { checkSource, type SourceLaw } from '../../lib/testing/index.ts';
import { sources } from '../support/table.ts';

const EXCEPT: Readonly<Record<string, readonly SourceLaw[]>> = {};

test.each(sources.map((row) => [row.call, row] as const))('%s', async (call, row) => {
  const { elements, endless } = row;
  const options = endless ? { take: Math.max(elements.length, 1) } : { elements };
  await expect(
    checkSource<unknown>(() => row.build(), { ...options, except: EXCEPT[call] ?? [] }),
  ).resolves.toBeUndefined();
});
