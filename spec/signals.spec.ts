import { getEventListeners } from 'node:events';
import { describe, expect, test } from '@jest/globals';
import { listen, onAbort } from '../lib/signals.ts';
import { Scope } from '../lib/engine/core/scope.ts';

function listening(scope = new Scope()) {
  const log: string[] = [];
  const controller = new AbortController();
  const { signal } = controller;
  const listener = onAbort(signal, scope, () => log.push('aborted'));
  return { log, scope, controller, listener, count: () => getEventListeners(signal, 'abort').length };
}

describe('onAbort', () => {
  test('calls when the signal aborts, once', () => {
    const { log, controller } = listening();
    controller.abort();
    controller.abort();
    expect(log).toEqual(['aborted']);
  });

  test.each<[string, (scope: Scope) => unknown]>([
    ['finished', (scope) => scope.finish()],
    ['cancelled', (scope) => scope.cancel()],
    ['failed', (scope) => scope.fail('error')],
    ['interrupted', (scope) => scope.interrupt('error')],
  ])('listens no more when the run was %s', async (_, end) => {
    const { log, scope, controller, count } = listening();
    expect(count()).toBe(1);
    await end(scope);
    expect(count()).toBe(0);
    controller.abort();
    expect(log).toEqual([]);
  });

  test('listens no more when it was released', () => {
    const { scope, listener, count } = listening();
    scope.release(listener);
    expect([count(), scope.size]).toEqual([0, 0]);
  });

  test('does not listen for a run that is over', async () => {
    const scope = new Scope();
    await scope.cancel();
    expect(listening(scope).count()).toBe(0);
  });
});

describe('listen', () => {
  test('has one listener for all, which stays until the last of them has stopped', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const log: string[] = [];
    const stops = ['first', 'second', 'third'].map((name) => listen(signal, () => log.push(name)));
    const counts = [getEventListeners(signal, 'abort').length];
    stops[0]!();
    stops[0]!();
    counts.push(getEventListeners(signal, 'abort').length);
    controller.abort();
    expect([counts, log]).toEqual([
      [1, 1],
      ['second', 'third'],
    ]);
    for (const stop of stops) stop();
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });

  test('does not call what an earlier listener of the same abort has taken away', () => {
    const controller = new AbortController();
    const { signal } = controller;
    const log: string[] = [];
    const stopFirst = listen(signal, () => {
      log.push('first');
      stopSecond();
    });
    const stopSecond = listen(signal, () => log.push('second'));
    controller.abort();
    stopFirst();
    expect(log).toEqual(['first']);
    expect(getEventListeners(signal, 'abort')).toHaveLength(0);
  });
});
