import { describe, expect, test } from '@jest/globals';
import { type Closable, Scope } from '../../../lib/engine/core/scope.ts';
import { Part } from '../../../lib/engine/core/part.ts';
import { type Answer, Awaiting, settle } from '../../../lib/engine/core/answer.ts';
import { thrown } from '../../support/iterators.ts';
import { idle, outcomeOf } from '../../support/turns.ts';

/** Things to be closed, each of which takes a while for it. */
function closables(log: string[], ...names: string[]): Closable[] {
  return names.map((name) => ({
    close: async () => {
      log.push(`${name} closes`);
      await idle();
      log.push(`${name} closed`);
    },
  }));
}

function scopeOf(...open: Closable[]): Scope {
  const scope = new Scope();
  for (const closable of open) scope.add(closable);
  return scope;
}

describe('Scope', () => {
  describe('closes', () => {
    test.each<[string, (scope: Scope) => unknown]>([
      ['finished', (scope) => scope.finish()],
      ['cancelled', (scope) => scope.cancel()],
      ['failed', (scope) => scope.fail('error')],
    ])('the innermost first and waits for each, when it is %s', async (_, end) => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'outer', 'middle'));
      scope.add({ close: () => log.push('inner') });
      await end(scope);
      expect(log).toEqual(['inner', 'middle closes', 'middle closed', 'outer closes', 'outer closed']);
    });

    test('nothing twice', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'a'));
      await Promise.all([scope.cancel(), scope.cancel(), scope.fail('x'), scope.close(), scope.finish()]);
      await scope.cancel();
      expect(log).toEqual(['a closes', 'a closed']);
    });

    test('and the second to cancel waits for that of the first', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'a'));
      void scope.cancel();
      await scope.cancel();
      expect(log).toEqual(['a closes', 'a closed']);
    });

    test('and whoever cancels it a third time, or when it has failed, waits for all that is being closed', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'a', 'b'));
      void scope.release(closables(log, 'early')[0]!);
      void scope.cancel();
      void scope.cancel();
      await scope.cancel();
      expect(log.slice(-2)).toEqual(['a closes', 'a closed']);

      const failing = scopeOf(...closables(log, 'late'));
      void failing.fail('error');
      await failing.cancel();
      expect(log.slice(-2)).toEqual(['late closes', 'late closed']);
    });

    test('and whoever cancels it again waits for all, also where the first to do so was a cleanup of it', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'outer'));
      void scope.release({
        close: async () => {
          void scope.cancel();
          await idle();
          log.push('early closed');
        },
      });
      await scope.cancel();
      expect(log).toEqual(['early closed', 'outer closes', 'outer closed']);
    });

    test('all, and then throws the first error', async () => {
      for (const error of [new Error('first'), undefined]) {
        const log: string[] = [];
        const scope = scopeOf(
          ...closables(log, 'outer'),
          { close: () => thrown('second') },
          { close: () => Promise.reject(error) },
        );
        expect(await outcomeOf(() => scope.cancel())).toStrictEqual({ error });
        expect(log).toEqual(['outer closes', 'outer closed']);
      }
    });

    test('all where it has failed, and drops the errors of that', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'outer'), { close: () => thrown('second') });
      expect(await outcomeOf(() => scope.fail('first'))).toEqual({ value: undefined });
      expect(log).toEqual(['outer closes', 'outer closed']);
    });

    test('what was opened since, and goes on', async () => {
      const log: string[] = [];
      const scope = scopeOf(...closables(log, 'outer'));
      const { size } = scope;
      for (const closable of closables(log, 'a', 'b')) scope.add(closable);
      await scope.close(size);
      expect([log, scope.size, scope.over]).toEqual([['b closes', 'b closed', 'a closes', 'a closed'], 1, false]);
    });

    test('not what was removed', async () => {
      const log: string[] = [];
      const [a, b, c] = closables(log, 'a', 'b', 'c') as [Closable, Closable, Closable];
      const scope = scopeOf(a, b, c);
      scope.remove(b);
      await scope.cancel();
      expect(log).toEqual(['c closes', 'c closed', 'a closes', 'a closed']);
    });

    test('at once what is added while it closes, and when all is closed', async () => {
      const log: string[] = [];
      const scope = scopeOf({ close: () => scope.add(...(closables(log, 'while') as [Closable])) });
      await scope.cancel();
      expect(log).toEqual(['while closes', 'while closed']);
      scope.add({ close: () => log.push('late') });
      scope.add({ close: () => thrown('dropped') });
      expect(log.at(-1)).toBe('late');
      await idle();
    });

    test('at once what is added after an end at which nothing was open', () => {
      const log: string[] = [];
      const scope = new Scope();
      void scope.cancel();
      scope.add({ close: () => log.push('late') });
      expect(log).toEqual(['late']);
    });
  });

  describe('releases', () => {
    test('one thing, which is not closed again', async () => {
      const log: string[] = [];
      const [a, b] = closables(log, 'a', 'b') as [Closable, Closable];
      const scope = scopeOf(a, b);
      await scope.release(a);
      await scope.cancel();
      expect(log).toEqual(['a closes', 'a closed', 'b closes', 'b closed']);
    });

    test('what is waited for where the run ends meanwhile', async () => {
      const log: string[] = [];
      const [a] = closables(log, 'a') as [Closable];
      const scope = scopeOf(a);
      void scope.release(a);
      await scope.cancel();
      expect(log).toEqual(['a closes', 'a closed']);
    });
  });

  describe('has a signal', () => {
    test('that is made once, and for the context', () => {
      const scope = new Scope();
      expect([scope.signal, scope.context.signal]).toEqual([scope.signal, scope.signal]);
      expect(scope.context.signal).toBe(scope.signal);
    });

    test.each<[string, (scope: Scope) => unknown, unknown]>([
      ['fails', (scope) => scope.fail('reason'), 'reason'],
      ['is cancelled', (scope) => scope.cancel('reason'), 'reason'],
      ['is interrupted', (scope) => scope.interrupt('reason'), 'reason'],
      ['is aborted', (scope) => scope.abort('reason'), 'reason'],
    ])('that aborts at once when it %s, also where it is asked for only then', (_, end, reason) => {
      const [early, late] = [new Scope(), new Scope()];
      const { signal } = early;
      end(early);
      end(late);
      expect([signal.aborted, signal.reason, late.signal.aborted, late.signal.reason]).toEqual([
        true,
        reason,
        true,
        reason,
      ]);
    });

    test('that aborts at a natural end only where a stage wanted no more', async () => {
      const [whole, stopped] = [new Scope(), new Scope()];
      void stopped.stop(0);
      await whole.finish();
      await stopped.finish();
      expect([whole.signal.aborted, whole.over, stopped.signal.aborted, stopped.over]).toEqual([
        false,
        false,
        true,
        true,
      ]);
    });

    test('whose end is told at once to all that is open, and then it is closed', () => {
      const log: string[] = [];
      const scope = scopeOf(
        { close: () => log.push('outer closed'), ending: (reason) => log.push(`outer told ${String(reason)}`) },
        { close: () => new Promise(() => undefined), ending: () => log.push('inner told') },
      );
      void scope.cancel('why');
      expect(log).toEqual(['outer told why', 'inner told']);
    });
  });

  describe('is ended from outside', () => {
    test('by the first who does so', () => {
      const told: unknown[] = [];
      const scope = new Scope(() => told.push(scope.reason));
      scope.interrupt('first');
      scope.interrupt('second');
      scope.abort('third');
      expect([told, scope.reason, scope.cause]).toEqual([['first'], 'first', { error: 'first' }]);
    });

    test('and tells so, with what settles when all is closed', async () => {
      const log: string[] = [];
      const scope = new Scope((closing) => void Promise.resolve(closing).then(() => log.push('over')));
      for (const closable of closables(log, 'a')) scope.add(closable);
      scope.interrupt('x');
      await idle();
      await idle();
      expect(log).toEqual(['a closes', 'a closed', 'over']);
    });

    test('and errors of closing come second, and are dropped', async () => {
      const scope = scopeOf({ close: () => Promise.reject(new Error('second')) });
      scope.interrupt('first');
      await idle();
      expect(scope.reason).toBe('first');
    });

    test('after its end without any effect', async () => {
      const scope = new Scope();
      await scope.fail('error');
      scope.interrupt('late');
      expect([scope.reason, scope.signal.reason]).toEqual(['error', 'error']);
    });
  });

  describe('knows the reason of an abort', () => {
    test.each(['reason', new Error('reason'), undefined, null, NaN, 0])('%p, and no other error', (reason) => {
      const scope = new Scope();
      expect(scope.isAbort(reason)).toBe(false);
      scope.abort(reason);
      expect([scope.isAbort(reason), scope.isAbort('other')]).toEqual([true, false]);
    });

    test('also that of a run that is part of it, but not that of one it is part of', () => {
      const [outer, middle, inner] = [new Scope(), new Scope(), new Scope()];
      const closable = { close: () => undefined };
      middle.join(outer, closable);
      inner.join(middle, closable);
      middle.abort('reason');
      expect([outer, middle, inner].map((scope) => scope.isAbort('reason'))).toEqual([true, true, false]);
    });

    test('and takes no interruption for one', () => {
      const scope = new Scope();
      scope.interrupt('timeout');
      expect(scope.isAbort('timeout')).toBe(false);
    });
  });
});

describe('a part of a scope', () => {
  /** Its body answers when it is told to. */
  function partOf(scope: Scope) {
    const part = new Part(scope);
    let answer!: (answer: boolean) => void;
    const said = new Promise<boolean>((resolve) => (answer = resolve));
    const whole = settle(part.during(() => new Awaiting<boolean>(said, (known): Answer => known)));
    return { part, answer, whole };
  }

  test('comes to its end with its body, without an abort', async () => {
    const scope = new Scope();
    const { part, answer, whole } = partOf(scope);
    answer(true);
    expect([await whole, scope.size, part.signal.aborted, scope.over]).toEqual([true, 0, false, false]);
  });

  test('closes what its body has left open', async () => {
    const log: string[] = [];
    const { part, answer, whole } = partOf(new Scope());
    for (const closable of closables(log, 'outer', 'inner')) part.add(closable);
    answer(true);
    await whole;
    expect(log).toEqual(['inner closes', 'inner closed', 'outer closes', 'outer closed']);
  });

  test('is closed with what is open in it, and its signal aborts, when no more is wanted and the run goes on', async () => {
    const log: string[] = [];
    const scope = new Scope();
    const { part, answer, whole } = partOf(scope);
    for (const closable of closables(log, 'outer', 'inner')) part.add(closable);
    answer(false);
    expect(await whole).toBe(false);
    await scope.close(0);
    expect(log).toEqual(['inner closes', 'inner closed', 'outer closes', 'outer closed']);
    expect([part.over, part.signal.aborted, scope.over, scope.signal.aborted]).toEqual([true, true, false, false]);
  });

  test('ends at once with the run, with its reason, and is closed in its turn', async () => {
    const log: string[] = [];
    const scope = new Scope();
    const { part } = partOf(scope);
    for (const closable of closables(log, 'in the part')) part.add(closable);
    for (const closable of closables(log, 'after it')) scope.add(closable);
    const closing = scope.fail('error');
    expect([part.over, part.reason, part.signal.reason, log]).toEqual([true, 'error', 'error', ['after it closes']]);
    await closing;
    expect(log).toEqual(['after it closes', 'after it closed', 'in the part closes', 'in the part closed']);
  });

  test('ends the whole run where it is interrupted or aborted', () => {
    for (const end of ['interrupt', 'abort'] as const) {
      const scope = new Scope();
      const { part } = partOf(scope);
      part[end]('reason');
      expect([scope.over, scope.reason, part.over, part.reason]).toEqual([true, 'reason', true, 'reason']);
      expect(scope.isAbort('reason')).toBe(end === 'abort');
    }
  });

  describe('that closes together', () => {
    const together = (scope = new Scope()) => new Part(scope, { together: true });

    test('closes all at the same time, and waits for it', async () => {
      const log: string[] = [];
      const part = together();
      for (const closable of closables(log, 'a', 'b')) part.add(closable);
      await part.cancel();
      expect(log).toEqual(['a closes', 'b closes', 'a closed', 'b closed']);
      await part.cancel();
      expect(log).toHaveLength(4);
    });

    test('closes all, and then throws the first error', async () => {
      const log: string[] = [];
      const part = together();
      part.add({ close: () => thrown(new Error('first')) });
      part.add({ close: () => Promise.reject(new Error('second')) });
      for (const closable of closables(log, 'c')) part.add(closable);
      expect(await outcomeOf(() => part.cancel())).toEqual({ error: new Error('first') });
      expect(log).toEqual(['c closes', 'c closed']);
    });

    test('throws the first error that is not only an echo of its end', async () => {
      const part = together();
      part.add({ close: () => Promise.reject(Object.assign(new Error('aborted'), { name: 'AbortError' })) });
      part.add({ close: () => Promise.reject(new Error('second')) });
      expect(await outcomeOf(() => part.cancel())).toEqual({ error: new Error('second') });
    });

    test('tells what is open in it of the end of the run', async () => {
      const log: string[] = [];
      const scope = new Scope();
      const part = together(scope);
      part.add({ ending: (reason) => log.push(`told ${String(reason)}`), close: () => log.push('closes') });
      await scope.fail('why');
      expect(log).toEqual(['told why', 'closes']);
    });

    test('closes nothing that was removed', async () => {
      const log: string[] = [];
      const scope = new Scope(undefined, true);
      const all = closables(log, 'a', 'b', 'c');
      for (const closable of all) scope.add(closable);
      scope.remove(all[1]!);
      await scope.cancel();
      expect(log.filter((step) => step.endsWith('closes'))).toEqual(['a closes', 'c closes']);
    });

    test('closes at once what comes when it is closed', async () => {
      const log: string[] = [];
      const part = together();
      await part.cancel();
      for (const closable of closables(log, 'late')) part.add(closable);
      expect(log).toEqual(['late closes']);
      await idle();
    });
  });
});
