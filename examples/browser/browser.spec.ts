// Drives the page in headless Chromium, against its own server.
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { browserPath, CHROMIUM_FLAGS } from '../../.ci/browsers.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SCREENSHOTS = join(root, 'docs/images');

let server: ChildProcess;
let url: string;
let browser: Browser;
let page: Page;
let complaints: string[];

beforeAll(async () => {
  server = spawn(process.execPath, ['examples/browser/server.mjs', '0'], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const [line] = (await once(server.stdout!, 'data')) as [Buffer];
  url = /http:\S+/.exec(line.toString())![0];
  browser = await chromium.launch({ executablePath: browserPath('chromium'), args: CHROMIUM_FLAGS });
}, 60_000);

afterAll(async () => {
  await browser?.close();
  server.kill();
});

beforeEach(async () => {
  await open({ width: 1280, height: 900 });
});

afterEach(async () => {
  await page.close();
  expect(complaints).toEqual([]);
});

async function open(viewport: { width: number; height: number }, colorScheme: 'light' | 'dark' = 'light') {
  complaints = [];
  page = await browser.newPage({ viewport, colorScheme });
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(String(error)));
  await page.goto(url);
}

const textOf = (selector: string) => page.locator(selector).textContent();
const namesOfStages = () => page.locator('#stages b').allTextContents();
const counts = async () => (await page.locator('#stages .count').allTextContents()).map((text) => parseInt(text, 10));

/** What the server says is open. */
async function openOnServer(): Promise<number> {
  const status = (await (await fetch(new URL('/status', url))).json()) as { open: number };
  return status.open;
}

/** Until it holds; the page and the server take their time. */
async function eventually(holds: () => Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await holds()); turn++) {
    if (turn === 300) throw new Error('it did not come about within 15 s');
    await wait(50);
  }
}

async function runs(code: string): Promise<void> {
  await page.locator('#code').fill(code);
  await page.locator('#run').click();
}

describe('the page', () => {
  test('shows each stage at work, and closes the connection when it is stopped', async () => {
    expect(await openOnServer()).toBe(0);
    await page.locator('#run').click();
    await eventually(async () => (await counts()).length > 0);
    expect(await namesOfStages()).toEqual([
      'from(ordersOf)',
      'lines',
      'map(parse)',
      'filter((order) => order.price > 50)',
      'map(locate)',
      'map(label)',
      'consumer',
    ]);
    const before = await counts();
    await eventually(async () => (await counts()).every((count, index) => count > before[index]!));
    expect(await page.locator('#results li').count()).toBeGreaterThan(0);
    // One at a time, forty milliseconds each: that is where it stands still.
    await eventually(async () => (await textOf('#bottleneck')) === 'Bottleneck: map(locate)');
    expect(await openOnServer()).toBe(1);

    await page.locator('#stop').click();
    await eventually(async () => (await textOf('#state')) === 'stopped');
    await eventually(async () => (await openOnServer()) === 0);
    const stopped = await counts();
    await wait(600);
    expect(await counts()).toEqual(stopped);
  });

  test('runs what is edited', async () => {
    await runs('orders.chunks(10).map(function size(chunk) { return `ten: ${chunk.length}`; }).take(3)');
    await eventually(async () => (await textOf('#state')) === 'the stream has ended');
    expect(await page.locator('#results li').allTextContents()).toEqual(['ten: 10', 'ten: 10', 'ten: 10']);
    expect(await namesOfStages()).toEqual([
      'from(ordersOf)',
      'lines',
      'map(parse)',
      'chunks',
      'map(size)',
      'take',
      'consumer',
    ]);
    await eventually(async () => (await openOnServer()) === 0);
  });

  test('ends the run before when another one starts', async () => {
    await runs('orders');
    await eventually(async () => (await counts()).length > 0);
    await runs('orders.chunks(5)');
    await eventually(async () => (await namesOfStages()).includes('chunks'));
    expect(await openOnServer()).toBe(1);
  });

  test('runs once if it is started several times at once', async () => {
    await runs('orders');
    await eventually(async () => (await counts()).length > 0);
    await page.evaluate("for (let n = 0; n < 3; n++) document.getElementById('run').click()");
    await wait(600);
    await eventually(async () => (await counts()).length > 0);
    expect(await openOnServer()).toBe(1);
    await page.locator('#stop').click();
    await eventually(async () => (await openOnServer()) === 0);
  });

  test.each([
    ['orders.map(', /^SyntaxError/],
    ['orders.chunks(0)', /^RangeError: chunks: size must be a positive integer/],
    ['5', /^TypeError: the code makes no stream, but 5/],
    ['orders.map(function broken() { return undefined.city; })', /^TypeError: .* \(in map\(broken\)\)$/],
  ])('says what is wrong with %s', async (code, message) => {
    await runs(code);
    await eventually(() => page.locator('#error').isVisible());
    expect(await textOf('#error')).toMatch(message);
    await eventually(async () => (await openOnServer()) === 0);
  });

  test('names the consumer where it is the bottleneck', async () => {
    await page.locator('#preset').selectOption('a buffer before a slow consumer');
    await page.locator('#run').click();
    await eventually(async () => (await textOf('#bottleneck')) === 'Bottleneck: the consumer');
    await eventually(async () => /holds \d+, \d+ % full/.test((await page.locator('#stages').textContent()) ?? ''));
  });

  test('works with the keyboard alone', async () => {
    await page.keyboard.press('Tab');
    await page.keyboard.press('Tab');
    expect(await page.evaluate('document.activeElement.id')).toBe('code');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('orders.take(2)');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => (await textOf('#state')) === 'the stream has ended');
    await page.keyboard.press('Control+A');
    await page.keyboard.type('orders');
    await page.keyboard.press('Control+Enter');
    await eventually(async () => (await textOf('#state')) === 'running');
    await page.keyboard.press('Escape');
    await eventually(async () => (await textOf('#state')) === 'stopped');
  });
});

describe('the server', () => {
  test('refuses a path that is no URL, and goes on', async () => {
    const { hostname, port } = new URL(url);
    const statusOf = async (path: string) => {
      const [response] = (await once(get({ hostname, port, path }), 'response')) as [IncomingMessage];
      response.resume();
      return response.statusCode;
    };
    expect(await statusOf('//')).toBe(404);
    expect(await statusOf('/status')).toBe(200);
  });

  test.each([
    ['a port that is taken', () => new URL(url).port, /^Cannot listen on port \d+: .*EADDRINUSE.*\n$/],
    ['a port that is no number', () => 'abc', /^Cannot listen on port abc: .*\n$/],
  ])('says in one line that it cannot use %s', async (_, port, message) => {
    const second = spawn(process.execPath, ['examples/browser/server.mjs', port()], { cwd: root });
    let output = '';
    second.stderr.setEncoding('utf8').on('data', (text: string) => (output += text));
    const [code] = (await once(second, 'close')) as [number];
    expect(output).toMatch(message);
    expect(code).toBe(1);
  });
});

describe('how it looks', () => {
  const shapes = [
    { name: 'desktop', viewport: { width: 1280, height: 1040 } },
    { name: 'phone', viewport: { width: 360, height: 740 } },
  ];
  test.each(shapes.flatMap((shape) => (['light', 'dark'] as const).map((scheme) => ({ ...shape, scheme }))))(
    'fits a $name, $scheme, and is kept in docs/images if it is not there',
    async ({ name, viewport, scheme }) => {
      await page.close();
      await open(viewport, scheme);
      await page.locator('#preset').selectOption('eight at a time');
      await page.locator('#rate').fill('2.6');
      await page.locator('#run').click();
      await eventually(async () => (await counts()).length > 0);
      await wait(2000);
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width);
      const path = join(SCREENSHOTS, `browser-${name}-${scheme}.png`);
      const image = await page.screenshot(existsSync(path) ? {} : { path, fullPage: name === 'phone' });
      expect(image.length).toBeGreaterThan(10_000);
    },
  );
});
