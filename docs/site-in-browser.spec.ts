// The generated site in Chromium, on a phone and without JavaScript: nothing makes a page wider than the screen, no text
// of a picture is cut, and all text stands out from what is behind it, in light and in dark (WCAG AA).
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { type Browser, chromium, type Page } from 'playwright-core';
import { browserPath, CHROMIUM_FLAGS } from '../.ci/browsers.mjs';

const SITE = new URL('site/', import.meta.url);
const pages = readdirSync(fileURLToPath(SITE), { recursive: true, encoding: 'utf8' }).filter((file) =>
  file.endsWith('.html'),
);

/** All but the pages of single methods, which are alike. */
const differing = pages.filter((file) => !/^reference\/(?!chunks|fromEvent|index)/.test(file));

let browser: Browser;

beforeAll(async () => {
  browser = await chromium.launch({ executablePath: browserPath('chromium'), args: CHROMIUM_FLAGS });
}, 60_000);

afterAll(() => browser?.close());

describe.each([
  ['a phone', 360, 'light', pages],
  ['a phone in the dark', 360, 'dark', differing],
  ['a desktop', 1280, 'light', differing],
] as const)('on %s', (_name, width, colorScheme, files) => {
  let page: Page;

  beforeAll(async () => {
    page = await browser.newPage({ viewport: { width, height: 740 }, colorScheme, javaScriptEnabled: false });
  });

  afterAll(() => page.close());

  test.each(files)('%s', async (file) => {
    await page.goto(new URL(file, SITE).href);
    expect(await page.evaluate(faultsOfPage)).toEqual([]);
  });
});

test('the menu opens on a phone without JavaScript', async () => {
  const page = await browser.newPage({ viewport: { width: 360, height: 740 }, javaScriptEnabled: false });
  await page.goto(new URL('guides/time.html', SITE).href);
  const link = page.locator('nav.site a', { hasText: 'Errors and retry' });
  expect(await link.isVisible()).toBe(false);
  await page.locator('.menu-button').click();
  expect(await link.isVisible()).toBe(true);
  await link.click();
  expect(await page.locator('h1').textContent()).toBe('Errors and retry');
  await page.close();
});

test('the search leads to a page', async () => {
  const page = await browser.newPage({ viewport: { width: 1280, height: 740 } });
  await page.goto(new URL('guides/time.html', SITE).href);
  await page.locator('.search input').fill('mergeMap');
  await page.locator('.search input').press('Enter');
  await page.waitForURL('**/reference/flatMap.html');
  await page.close();
});

/** Runs in the page. */
function faultsOfPage(): string[] {
  const faults = new Set<string>();
  const root = document.documentElement;
  if (root.scrollWidth > root.clientWidth) faults.add(`the page is ${root.scrollWidth} pixels wide`);

  for (const text of document.querySelectorAll<SVGTextElement>('figure svg text')) {
    const [inner, outer] = [text.getBoundingClientRect(), text.ownerSVGElement!.getBoundingClientRect()];
    if (inner.right > outer.right + 1 || inner.left < outer.left - 1) faults.add(`cut: ${text.textContent}`);
  }

  const colorOf = (text: string): number[] | undefined => {
    const [red, green, blue, alpha = 1] = Array.from(text.matchAll(/[\d.]+/g), Number);
    return red === undefined || alpha === 0 ? undefined : [red, green!, blue!];
  };
  const luminanceOf = (color: number[]): number => {
    const [red, green, blue] = color.map((value) =>
      value <= 10 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4,
    );
    return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue!;
  };
  const behind = (element: Element): number[] => {
    const marble = element.classList.contains('marble-value') ? element.previousElementSibling : null;
    if (marble !== null) return colorOf(getComputedStyle(marble).fill)!;
    for (let one: Element | null = element; one !== null; one = one.parentElement) {
      const color = colorOf(getComputedStyle(one).backgroundColor);
      if (color !== undefined) return color;
    }
    return [255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement!;
    if (node.textContent!.trim() === '' || element.closest('script, style, title, noscript') !== null) continue;
    const style = getComputedStyle(element);
    const color = colorOf(element.closest('svg') === null ? style.color : style.fill);
    if (color === undefined) continue;
    const [dark, light] = [luminanceOf(color), luminanceOf(behind(element))].sort((a, b) => a - b);
    const contrast = (light! + 0.05) / (dark! + 0.05);
    if (contrast < 4.5) faults.add(`contrast of ${contrast.toFixed(1)}: ${element.outerHTML.slice(0, 80)}`);
  }
  return Array.from(faults);
}
