// A test runner for stryker that loads the specs once, and then runs only the tests that reach a mutant.
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { loadTests, SpecRun } from './specs.mjs';

/** More evaluations of a mutant than without it: it does not end. */
const ENDLESS = 5_000_000;

/** Tests that have killed other mutants of a file, and are asked first. */
const FIRST = 8;

const stryker = (globalThis.__stryker__ ??= {});

/**
 * Ends the process if a test blocks it or takes all memory, and leaves a note of the mutant. A thread of its own, for no
 * timer fires in the first one meanwhile.
 */
const WATCHDOG = `
  const { writeFileSync } = require('node:fs');
  const { workerData: { beat, memory } } = require('node:worker_threads');
  let seen = -1;
  let since = 0;
  setInterval(() => {
    const [count, mutant] = beat;
    if (count !== seen) {
      seen = count;
      since = Date.now();
    }
    if (mutant === -1) return;
    if (Date.now() - since < 15_000 && process.memoryUsage.rss() < memory) return;
    writeFileSync('.mutation/endless-' + mutant, '');
    process.kill(process.pid, 'SIGKILL');
  }, 100);
`;

/** Bytes that the process may grow to. */
const MEMORY = 2_500_000_000;

/** For the watchdog: the number of tests begun, and the mutant, or -1. */
const beat = new Int32Array(new SharedArrayBuffer(8));

/** `MUTATE_SAMPLE=8` tries every eighth mutant. */
const every = Number(process.env.MUTATE_SAMPLE ?? 1);
const isInSample = ({ id, fileName }) =>
  Number(id) % (/lib.(engine|iterating)/.test(fileName) ? 2 * every : every) === 0;

/** Milliseconds for the tests of one mutant. */
const BUDGET = Number(process.env.MUTATE_BUDGET ?? Infinity);

const noteOf = ({ id }) => resolve(`.mutation/endless-${id}`);

const describeError = (error) => {
  try {
    return String(error?.stack ?? error);
  } catch {
    return 'an error that has no text';
  }
};

class SpecRunner {
  #tests;
  #byId;
  #runs = 0;
  #spoilt = false;
  /** How often each test has killed a mutant of a file. */
  #kills = new Map();

  capabilities() {
    return { reloadEnvironment: false };
  }

  async dryRun() {
    await this.#load();
    const run = new SpecRun();
    const tests = [];
    for (const test of this.#tests) {
      stryker.currentTestId = test.id;
      let outcome = await run.run(test);
      // Work of earlier specs may still go on: each has a process of its own in jest.
      if (outcome.errors.length > 0 && !outcome.unsupported) outcome = await run.run(test);
      const { errors, milliseconds, unsupported } = outcome;
      const status = unsupported ? TestStatus.Skipped : errors.length > 0 ? TestStatus.Failed : TestStatus.Success;
      const failureMessage = errors.length > 0 ? describeError(errors[0]) : undefined;
      tests.push({
        id: test.id,
        name: `${test.file}: ${test.name}`,
        timeSpentMs: milliseconds,
        status,
        failureMessage,
      });
    }
    await run.end();
    stryker.currentTestId = undefined;
    this.#finish();
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, hitLimit, sandboxFileName }) {
    if (!isInSample(activeMutant)) return { status: MutantRunStatus.Error, errorMessage: 'not in the sample' };
    if (existsSync(noteOf(activeMutant))) return { status: MutantRunStatus.Timeout, reason: 'A test does not end.' };
    if (this.#spoilt) throw new Error('A mutant has spoilt this process. Stryker starts another one.');
    this.#runs++;
    const begin = performance.now();
    if (mutantActivation === 'static') stryker.activeMutant = activeMutant.id;
    await this.#load();
    stryker.hitCount = hitLimit && 0;
    stryker.hitLimit = hitLimit && hitLimit / 100 + ENDLESS;

    const tests = this.#inOrder(testFilter, sandboxFileName);
    const run = new SpecRun();
    let result = { status: MutantRunStatus.Survived, nrOfTests: tests.length };
    let count = 0;
    beat[1] = Number(activeMutant.id);
    for (const test of tests) {
      if (performance.now() - begin > BUDGET) break;
      count++;
      beat[0]++;
      stryker.activeMutant = activeMutant.id;
      const { errors, unsupported } = await run.run(test);
      if (errors.length === 0 || unsupported) continue;
      const isEndless = stryker.hitCount > stryker.hitLimit;
      if (mutantActivation !== 'static') {
        if (!(await this.#passes(run, test, undefined))) {
          // An earlier mutant may have left something behind. In a new process it was this one.
          if (this.#runs > 1)
            throw new Error('The test fails without a mutant as well. Stryker starts another process.');
          this.#spoilt = true;
        } else if (!isEndless && (await this.#passes(run, test, activeMutant.id))) {
          continue;
        }
      }
      const kills = this.#killsOf(sandboxFileName);
      kills.set(test.id, (kills.get(test.id) ?? 0) + 1);
      result = isEndless
        ? { status: MutantRunStatus.Timeout, reason: 'The mutant does not end.' }
        : {
            status: MutantRunStatus.Killed,
            killedBy: [test.id],
            failureMessage: describeError(errors[0]),
            nrOfTests: count,
          };
      break;
    }
    stryker.activeMutant = undefined;
    await run.end();
    beat[1] = -1;
    this.#finish();
    return result;
  }

  async #load() {
    if (this.#tests !== undefined) return;
    this.#tests = await loadTests();
    this.#byId = new Map(this.#tests.map((test) => [test.id, test]));
    beat[1] = -1;
    new Worker(WATCHDOG, { eval: true, workerData: { beat, memory: MEMORY } }).unref();
  }

  /** Runs a test that has failed once more, when its pending work has gone. */
  async #passes(run, test, mutant) {
    stryker.activeMutant = undefined;
    await new Promise((resolve) => setTimeout(resolve, 5));
    stryker.activeMutant = mutant;
    const { errors } = await run.run(test);
    return errors.length === 0;
  }

  #killsOf(file) {
    let kills = this.#kills.get(file);
    if (kills === undefined) this.#kills.set(file, (kills = new Map()));
    return kills;
  }

  /** First the tests that have killed mutants of this file, then those of its own spec, then all others. */
  #inOrder(ids, sandboxFileName) {
    const all = ids === undefined ? this.#tests : ids.map((id) => this.#byId.get(id));
    const kills = [...this.#killsOf(sandboxFileName)].sort(([, a], [, b]) => b - a).slice(0, FIRST);
    const known = new Set(kills.map(([id]) => this.#byId.get(id)));
    const own = /lib\/(.*)\.ts$/.exec(sandboxFileName.replaceAll('\\', '/'))?.[1];
    const rank = (test) => (known.has(test) ? 0 : test.file === `spec/${own}.spec.ts` ? 1 : 2);
    return all.toSorted((a, b) => rank(a) - rank(b));
  }

  /** Keeps the process alive for the next call. */
  #finish() {
    process.channel?.ref();
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'specs', SpecRunner)];
