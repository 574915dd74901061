// The table of laws has a row for each method, and each method refuses bad arguments when it is called.
import { describe, expect, test } from '@jest/globals';
import { AsyncStream, collectors } from '../../lib/index.ts';
import { refusal } from '../support/failures.ts';
import { byCall, probesOf } from '../support/laws.ts';
import { type Ends, inspections, sources, type StageRow, stages, terminals } from '../support/table.ts';

type Row = Pick<StageRow, 'method' | 'call' | 'bad' | 'element'>;

describe('the table of laws', () => {
  const functionsOf = (object: object) =>
    Object.getOwnPropertyNames(object).filter(
      (name) => name !== 'constructor' && typeof Object.getOwnPropertyDescriptor(object, name)!.value === 'function',
    );
  const methodsIn = (...rows: { method: string }[][]) => [...new Set(rows.flat().map(({ method }) => method))].sort();

  test('has a row for every method of a stream, and no other', () => {
    const methods = [...methodsIn([...stages], [...terminals]), ...inspections];
    expect(methods.sort()).toEqual(functionsOf(AsyncStream.prototype).sort());
  });

  test('has a row for every source, and no other', () => {
    expect([...methodsIn([...sources]), 'traceOf'].sort()).toEqual(functionsOf(AsyncStream).sort());
  });

  test('has a row for every collector, and no other', () => {
    expect(methodsIn(terminals.filter(({ alone }) => !alone))).toEqual(Object.keys(collectors).sort());
  });

  test('gives each row a name of its own', () => {
    const calls = [...stages, ...sources, ...terminals].map(({ call }) => call);
    expect(calls).toEqual([...new Set(calls)]);
  });
});

/** Each call with bad arguments is refused, before anything else happens. */
function argumentLaws(rows: readonly Row[], invoke: (row: Row, args: readonly unknown[]) => void): void {
  const refusing = rows.filter(({ bad = [] }) => bad.length > 0);
  test.each(byCall(refusing))('refuses bad arguments at the call: %s', (_, row) => {
    const { bad = [] } = row;
    expect(bad.map(([args]) => refusal(() => invoke(row, args)))).toEqual(bad.map(([, error]) => error));
  });
}

describe('a stage', () => argumentLaws(stages, callOnStream));
describe('a terminal', () => argumentLaws(terminals, callOnStream));
describe('a source', () =>
  argumentLaws(sources, ({ method }, args) => (AsyncStream as unknown as Ends)[method]!(...args)));

function callOnStream(row: Row, args: readonly unknown[]): void {
  const probe = probesOf(row).finite();
  try {
    (probe.stream as unknown as Ends)[row.method]!(...args);
  } finally {
    expect(probe.log).toEqual([]);
  }
}
