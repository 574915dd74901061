import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from '@jest/globals';
import { builtModule } from './support/built.ts';

const LIBRARY = await builtModule('lib/index.ts');

/** Runs code in a process whose platform has no `Symbol.asyncDispose` when the library is loaded. */
async function withoutSymbol(code: string): Promise<unknown> {
  const script = `
    const { defineProperty } = Object;
    // The symbol of the platform cannot be deleted, so the library sees another Symbol.
    const own = (description) => RealSymbol(description);
    const RealSymbol = Symbol;
    for (const name of ['for', 'iterator', 'asyncIterator', 'toStringTag', 'species', 'hasInstance', 'toPrimitive'])
      own[name] = RealSymbol[name];
    own.prototype = RealSymbol.prototype;
    globalThis.Symbol = own;
    const { AsyncStream } = await import('${LIBRARY}');
    const log = [];
    const stream = () => AsyncStream.using(() => ({ [Symbol.asyncDispose ?? Symbol.for('Symbol.asyncDispose')]: async () => log.push('closed') }), () => [1, 2]);
    ${code}
    console.log(JSON.stringify(log));`;
  const { stdout } = await promisify(execFile)(process.execPath, ['--input-type=module', '--eval', script]);
  return JSON.parse(stdout);
}

test('no class has a method named undefined, and the symbol of the registry stands in', async () => {
  const log = await withoutSymbol(`
    const iterator = stream()[Symbol.asyncIterator]();
    const reader = stream().iterator();
    for (const object of [stream(), iterator, reader])
      log.push('undefined' in object, Symbol.for('Symbol.asyncDispose') in object);
    await iterator.next();
    await iterator[Symbol.for('Symbol.asyncDispose')]();
  `);
  expect(log).toEqual([false, true, false, true, false, true, 'closed']);
}, 60_000);

test('a symbol that is added later is found', async () => {
  const log = await withoutSymbol(`
    Symbol.asyncDispose = Symbol('Symbol.asyncDispose');
    const iterator = stream()[Symbol.asyncIterator]();
    const reader = stream().iterator();
    for (const object of [stream(), iterator, reader]) {
      log.push(typeof object[Symbol.asyncDispose]);
      await object.next?.();
      await object[Symbol.asyncDispose]();
    }
  `);
  expect(log).toEqual(['function', 'function', 'closed', 'function', 'closed']);
}, 60_000);
