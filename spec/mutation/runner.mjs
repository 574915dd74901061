// A test runner for stryker that loads the specs once, and then runs only the tests that reach a mutant.
import { declareClassPlugin, PluginKind } from '@stryker-mutator/api/plugin';
import { DryRunStatus, MutantRunStatus, TestStatus } from '@stryker-mutator/api/test-runner';
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { Worker } from 'node:worker_threads';
import { loadTests, SpecRun } from './specs.mjs';

/** More evaluations of a mutant in a test than in any test without it: it does not end. */
const ENDLESS = 100_000;

/** How many tests are asked first that have killed other mutants of the same file, and then mutants of any file. */
const FIRST = 8;
const NEXT = 40;

const stryker = (globalThis.__stryker__ ??= {});

/**
 * Ends the process if a test blocks it or takes all memory, and leaves a note of the mutant. A thread of its own, because
 * no timer fires in the first one meanwhile. It measures the time of the processor: other programs may keep it busy.
 */
const WATCHDOG = `
  const { writeFileSync } = require('node:fs');
  const { workerData: { beat, memory } } = require('node:worker_threads');
  const used = () => {
    const { user, system } = process.cpuUsage();
    return (user + system) / 1000;
  };
  let seen = -1;
  let since = 0;
  setInterval(() => {
    const [count, mutant, most] = beat;
    if (count !== seen) {
      seen = count;
      since = used();
    }
    if (mutant === -1) return;
    if (used() - since < most && process.memoryUsage.rss() < memory) return;
    writeFileSync('.mutation/endless-' + mutant, '');
    process.kill(process.pid, 'SIGKILL');
  }, 100);
`;

/** Bytes that the process may grow to. */
const MEMORY = 2_500_000_000;

/** For the watchdog: the number of tests begun, the mutant or -1, and the milliseconds that the test may take. */
const beat = new Int32Array(new SharedArrayBuffer(12));

/** Milliseconds of each test without a mutant, for the processes that follow the first one. */
const TIMES = '.mutation/times.json';

/** How often a test evaluates each mutant at most, without it. */
const HITS = '.mutation/hits.json';

/** The file and the test of each mutant that was killed, a line each. */
const KILLS = '.mutation/kills.txt';

/** `MUTATE_SAMPLE=8` tries every eighth mutant. */
const every = Number(process.env.MUTATE_SAMPLE ?? 1);

/** Milliseconds of the processor for the tests of one mutant. */
const BUDGET = Number(process.env.MUTATE_BUDGET ?? Infinity);

const used = () => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

/** A file that gets a line of JSON for each mutant at once. */
const LOG = process.env.MUTATE_LOG;

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
  /** How often each test has killed a mutant of a file, and of any file: the key is then `''`. */
  #kills = new Map();
  /** The milliseconds that each test takes without a mutant. */
  #times = {};
  /** How often a test evaluates each mutant at most, without it. */
  #hits = {};

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
      const name = `${test.file}: ${test.name}`;
      const failed = errors.length > 0;
      // A failed test would end all, and might have failed only because the machine is busy.
      if (failed && !unsupported) console.error(`Left out, for it fails without a mutant: ${name}\n`, errors[0]);
      if (!failed) this.#times[test.id] = milliseconds;
      tests.push({
        id: test.id,
        name,
        timeSpentMs: milliseconds,
        status: failed ? TestStatus.Skipped : TestStatus.Success,
      });
    }
    await run.end();
    for (const hits of Object.values(stryker.mutantCoverage?.perTest ?? {}))
      for (const id in hits) this.#hits[id] = Math.max(this.#hits[id] ?? 0, hits[id]);
    writeFileSync(TIMES, JSON.stringify(this.#times));
    writeFileSync(HITS, JSON.stringify(this.#hits));
    stryker.currentTestId = undefined;
    this.#finish();
    return { status: DryRunStatus.Complete, tests, mutantCoverage: stryker.mutantCoverage };
  }

  async mutantRun({ activeMutant, mutantActivation, testFilter, sandboxFileName }) {
    if (Number(activeMutant.id) % every > 0)
      return { status: MutantRunStatus.Error, errorMessage: 'not in the sample' };
    if (existsSync(noteOf(activeMutant))) {
      this.#log(activeMutant, sandboxFileName, { status: MutantRunStatus.Timeout });
      return { status: MutantRunStatus.Timeout, reason: 'A test does not end.' };
    }
    if (this.#spoilt) throw new Error('A mutant has spoilt this process. Stryker starts another one.');
    this.#runs++;
    const begin = used();
    if (mutantActivation === 'static') stryker.activeMutant = activeMutant.id;
    await this.#load();
    stryker.hitLimit = 2 * (this.#hits[activeMutant.id] ?? 0) + ENDLESS;

    const tests = this.#inOrder(testFilter, sandboxFileName);
    const run = new SpecRun();
    let result = { status: MutantRunStatus.Survived, nrOfTests: tests.length };
    let count = 0;
    beat[1] = Number(activeMutant.id);
    for (const test of tests) {
      if (used() - begin > BUDGET) break;
      count++;
      beat[2] = this.#longest(test);
      beat[0]++;
      stryker.hitCount = 0;
      stryker.activeMutant = activeMutant.id;
      const { errors, unsupported } = await run.run(test, this.#longest(test));
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
      this.#note(sandboxFileName, test.id);
      appendFileSync(KILLS, `${sandboxFileName}\t${test.id}\n`);
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
    const [killer] = result.killedBy?.map((id) => this.#byId.get(id)) ?? [];
    this.#log(activeMutant, sandboxFileName, {
      status: result.status,
      killedBy: killer && `${killer.file}: ${killer.name}`,
      tests: count,
      of: tests.length,
      milliseconds: Math.round(used() - begin),
    });
    return result;
  }

  #log({ id, mutatorName, location, replacement }, sandboxFileName, outcome) {
    if (LOG === undefined) return;
    const file = sandboxFileName.replace(/.*[\\/]lib[\\/]/, '');
    appendFileSync(LOG, `${JSON.stringify({ id, file, ...location.start, mutatorName, replacement, ...outcome })}\n`);
  }

  async #load() {
    if (this.#tests !== undefined) return;
    this.#tests = await loadTests();
    this.#byId = new Map(this.#tests.map((test) => [test.id, test]));
    if (existsSync(TIMES)) {
      this.#times = JSON.parse(readFileSync(TIMES, 'utf8'));
      this.#hits = JSON.parse(readFileSync(HITS, 'utf8'));
    }
    if (existsSync(KILLS)) {
      for (const line of readFileSync(KILLS, 'utf8').trim().split('\n')) this.#note(...line.split('\t'));
    }
    beat[1] = -1;
    new Worker(WATCHDOG, { eval: true, workerData: { beat, memory: MEMORY } }).unref();
  }

  /** Runs a test that has failed once more, when its pending work has gone. */
  async #passes(run, test, mutant) {
    stryker.activeMutant = undefined;
    stryker.hitCount = 0;
    await new Promise((resolve) => setTimeout(resolve, 5));
    stryker.activeMutant = mutant;
    const { errors } = await run.run(test, this.#longest(test));
    return errors.length === 0;
  }

  /** Milliseconds after which a test counts as endless. */
  #longest({ id }) {
    return 3000 + 10 * this.#times[id];
  }

  #note(file, test) {
    for (const key of [file, '']) {
      const kills = this.#killsOf(key);
      kills.set(test, (kills.get(test) ?? 0) + 1);
    }
  }

  #killsOf(file) {
    let kills = this.#kills.get(file);
    if (kills === undefined) this.#kills.set(file, (kills = new Map()));
    return kills;
  }

  /**
   * First the tests that have killed most mutants of this file, then those of its own spec, those that have killed most
   * mutants of any file, and all others, the quickest first.
   */
  #inOrder(ids, sandboxFileName) {
    const time = ({ id }) => this.#times[id];
    const all = (ids === undefined ? this.#tests : ids.map((id) => this.#byId.get(id)))
      .filter((test) => time(test) !== undefined)
      .sort((a, b) => time(a) - time(b));
    const most = (file, count) => {
      const kills = this.#killsOf(file);
      const killers = all.filter(({ id }) => kills.has(id));
      return killers.sort((a, b) => kills.get(b.id) - kills.get(a.id)).slice(0, count);
    };
    const own = /lib\/(.*)\.ts$/.exec(sandboxFileName.replaceAll('\\', '/'))?.[1];
    const owns = all.filter(({ file }) => file === `spec/${own}.spec.ts`);
    return [...new Set([...most(sandboxFileName, FIRST), ...owns, ...most('', NEXT), ...all])];
  }

  /** Keeps the process alive for the next call. */
  #finish() {
    process.channel?.ref();
  }
}

export const strykerPlugins = [declareClassPlugin(PluginKind.TestRunner, 'specs', SpecRunner)];
