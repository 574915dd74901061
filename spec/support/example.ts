import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from '@jest/globals';
import { built } from './built.ts';
import { bundled } from './bundled.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const HOOKS = 'spec/support/example-hooks.ts';
const LEAKS = 'spec/examples/leaks.ts';
const PROGRAMS = [HOOKS, LEAKS, ...examplesIn('examples')];
const builtProgram = await built(PROGRAMS);
/** For those that need clients: they find their packages only from their own place. */
const BUNDLED = bundled();
// The AWS client warns that it will not support this version of Node for ever.
const NO_WARNING = { AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED: 'true' };

/** How the server of an example fails, and with which piece of data or answer that it sends, counted from 1. */
export type Fault = readonly [kind: 'kill' | 'refuse' | 'garbage', at: number];

export interface RunOptions {
  readonly args?: readonly string[];
  /** Let every run of a stream have only its first elements. */
  readonly stopAfter?: number;
  readonly fault?: Fault;
  readonly env?: NodeJS.ProcessEnv;
}

export interface Outcome {
  readonly stdout: string;
  readonly stderr: string;
  readonly code: number | null;
  /** Handles, files, sockets and listeners that were open when nothing was left to do; undefined if it did not get there. */
  readonly left: readonly string[] | undefined;
}

/** The numbered programs of a folder. */
export function examplesIn(folder: string): string[] {
  const names = readdirSync(join(ROOT, folder)).filter((name) => /^\d\d-.*\.ts$/.test(name));
  return names.sort().map((name) => `${folder}/${name}`);
}

/** Runs an example in a process of its own. */
export async function runExample(file: string, options: RunOptions = {}): Promise<Outcome> {
  const { args = [], stopAfter, fault, env } = options;
  const program = PROGRAMS.includes(file)
    ? ['--import', pathToFileURL(builtProgram(HOOKS)).href, builtProgram(file)]
    : ['--import', 'tsx', '--import', `./${HOOKS}`, file];
  const child = spawn(process.execPath, [...program, ...args], {
    cwd: ROOT,
    stdio: ['ignore', 'pipe', 'pipe', 'pipe'],
    env: {
      ...process.env,
      ...NO_WARNING,
      ...BUNDLED,
      ...env,
      ...(stopAfter !== undefined && { EXAMPLE_STOP: String(stopAfter) }),
      ...(fault && { EXAMPLE_FAULT: fault[0], EXAMPLE_FAULT_AT: String(fault[1]) }),
    },
  });
  const output = { stdout: '', stderr: '', left: '' };
  for (const [index, name] of (['stdout', 'stderr', 'left'] as const).entries()) {
    const stream = child.stdio[index + 1] as NodeJS.ReadableStream;
    stream.setEncoding('utf8').on('data', (text: string) => (output[name] += text));
  }
  const code = await new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve));
  const { left, ...printed } = output;
  return { ...printed, code, left: left === '' ? undefined : (JSON.parse(left) as string[]) };
}

/**
 * Registers the checks that every example has to pass: it prints what its last comment says, and leaves nothing open,
 * whether it runs to its end, each of its runs is stopped after one element, or its server fails.
 */
export function describeExamples(files: readonly string[], faults: Readonly<Record<string, readonly Fault[]>>): void {
  test('those with a server name the faults that they are tested with', () => {
    const withServer = files.filter((file) => readFileSync(join(ROOT, file), 'utf8').includes('\nawait using '));
    expect(withServer).toEqual(Object.keys(faults));
  });

  for (const file of files) {
    describe(file, () => {
      test('is one task of at most 60 lines', () => {
        expect(linesOf(file)).toBeLessThanOrEqual(60);
      });

      test.concurrent('prints what it says, and leaves nothing open', async () => {
        const { stdout, ...rest } = await runExample(file);
        const expected = { stdout: masked(printedBy(file)), stderr: '', code: 0, left: [] };
        expect({ stdout: masked(stdout), ...rest }).toEqual(expected);
      });

      test.concurrent('leaves nothing open if each of its runs is stopped after one element', async () => {
        const { stderr, code, left } = await runExample(file, { stopAfter: 1 });
        expect({ stderr, code, left }).toEqual({ stderr: '', code: 0, left: [] });
      });

      for (const fault of faults[file] ?? []) {
        test.concurrent(`says in one line what failed and where (${fault.join(' at answer ')})`, async () => {
          const { stderr, code, left } = await runExample(file, { fault });
          const stderrExpected = expect.stringMatching(/^[^\n]+ \(in [^\n]+\)\n$/);
          expect({ stderr, code, left }).toEqual({ stderr: stderrExpected, code: 1, left: [] });
        });
      }
    });
  }
}

/** What the last comment of an example says that it prints. */
export function printedBy(file: string): string {
  const code = readFileSync(join(ROOT, file), 'utf8');
  const [, comment] = /\n\/\/ Prints:\n((?:\/\/.*\n)+)$/.exec(code) ?? [];
  if (comment === undefined) throw new Error(`${file} does not end in a comment "// Prints:"`);
  return comment.replaceAll(/^\/\/ ?/gm, '');
}

/** Replaces the figures that vary from run to run: those with a unit of time, memory or rate, and of jobs. */
export function masked(text: string): string {
  return text.replaceAll(/ *\d[\d ]*(?:\.\d+)?(?= (?:ms|s|kB|MB|%|×|jobs|[a-z]+\/s)(?![a-z]))/g, ' #');
}

/** The lines of code of an example: neither empty ones, nor those of its last comment. */
export function linesOf(file: string): number {
  const [program] = readFileSync(join(ROOT, file), 'utf8').split('\n// Prints:\n');
  return program!.trimEnd().split('\n').length;
}
