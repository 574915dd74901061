// `@jest/globals` for specs that run in one process, without reloading the library for each mutant.
import { ModernFakeTimers } from '@jest/fake-timers';
import { expect as jestExpect } from 'expect';
import { bind } from 'jest-each';
import { ModuleMocker } from 'jest-mock';

const newSuite = (name, parent) => ({
  name,
  parent,
  beforeAll: [],
  beforeEach: [],
  afterEach: [],
  afterAll: [],
});

const state = { file: '', suite: newSuite('', undefined), tests: [] };

/** Begins a spec: its tests and hooks are declared in a suite of their own. */
export function beginSpec(file) {
  state.file = file;
  state.suite = newSuite('', undefined);
}

export const declaredTests = state.tests;

function fullName(suite, name) {
  for (let at = suite; at !== undefined; at = at.parent) if (at.name) name = `${at.name} ${name}`;
  return name;
}

function declare(name, body) {
  const { file, suite } = state;
  state.tests.push({ file, suite, name: fullName(suite, name), body });
}

function declareSuite(name, body) {
  const outer = state.suite;
  state.suite = newSuite(name, outer);
  try {
    body();
  } finally {
    state.suite = outer;
  }
}

export const describe = Object.assign(declareSuite, { each: bind(declareSuite, false) });
export const test = Object.assign(declare, { each: bind(declare, false) });
test.concurrent = test;
export const it = test;
export const expect = jestExpect;

export const beforeAll = (hook) => void state.suite.beforeAll.push(hook);
export const beforeEach = (hook) => void state.suite.beforeEach.push(hook);
export const afterEach = (hook) => void state.suite.afterEach.unshift(hook);
export const afterAll = (hook) => void state.suite.afterAll.unshift(hook);

/** Thrown by a test that needs a registry of modules of its own. */
export class Unsupported extends Error {}

const timers = new ModernFakeTimers({ global: globalThis, config: { rootDir: process.cwd(), fakeTimers: {} } });
const mocker = new ModuleMocker(globalThis);

const members = {
  fn: mocker.fn.bind(mocker),
  spyOn: mocker.spyOn.bind(mocker),
  mocked: (value) => value,
  restoreAllMocks: () => mocker.restoreAllMocks(),
  setTimeout() {},
  resetModules() {
    throw new Unsupported('jest.resetModules');
  },
};

/** All else is a method of the fake timers. */
export const jest = new Proxy(members, {
  get: (own, name) => own[name] ?? timers[name].bind(timers),
});
