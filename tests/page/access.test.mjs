// For everyone: axe finds nothing, and the keyboard alone reaches everything.

import test from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ARTICLE, browser, descale, folder, open, pageOf } from './support.mjs';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** Fails with what axe finds. */
async function check(page) {
  await page.evaluate(AXE);
  const { violations } = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  assert.deepEqual(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(' | ').slice(0, 400)}`), []);
}

const MENTION = `${ARTICLE}\nThe sign said “Story continues below advertisement” in red letters.\n`;

test('axe finds nothing on a page to review', async (t) => {
  const chromium = await browser(t);
  const { address } = pageOf(t, 'harbour.txt', MENTION);
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark' }, { colorScheme: 'dark', viewport: { width: 360, height: 740 } }]) {
    const { page, settle } = await open(chromium, address, options);
    for (const key of ['n', 'r', 'n', '1', '2', '3', '4']) {
      await page.keyboard.press(key);
      if (/\d/.test(key)) await check(page);
    }
    const narrow = options.viewport?.width ?? 1280;
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), narrow, 'nothing sticks out sideways');
    await page.keyboard.press('?');
    await check(page);
    await settle();
  }
});

test('axe finds nothing on an index and a page of many', async (t) => {
  const chromium = await browser(t);
  const cwd = folder(t);
  const lines = [0, 1, 2].map((at) => JSON.stringify({ text: ARTICLE.replaceAll('harbour', `harbour ${at}`) }));
  writeFileSync(join(cwd, 'in.jsonl'), `${lines.join('\n')}\n`);
  descale(cwd, ['clean', '-q', 'in.jsonl', '--report', 'html=r.html', '-o', 'out.jsonl']);
  for (const options of [{ colorScheme: 'light' }, { colorScheme: 'dark', viewport: { width: 360, height: 740 } }]) {
    const { page, settle } = await open(chromium, pathToFileURL(join(cwd, 'r.html')).href, options);
    await page.click('details summary');
    await check(page);
    assert.equal(await page.evaluate(() => document.documentElement.scrollWidth), options.viewport?.width ?? 1280);
    await page.click('#pages a');
    await check(page);
    await settle();
  }
});

test('the keyboard alone is enough', async (t) => {
  const chromium = await browser(t);
  const { address } = pageOf(t, 'harbour.txt', MENTION);
  const { page, settle } = await open(chromium, address);
  const reached = new Set();
  for (let step = 0; step < 40; step += 1) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement.id || document.activeElement.className || document.activeElement.value || document.activeElement.tagName));
  }
  for (const wanted of ['skip', 'marked', 'download-text', 'help-open', 'accept-shown', 'kept', 'previous', 'next', 'ad-marker']) {
    assert.ok(reached.has(wanted), `${wanted} in ${[...reached].join(', ')}`);
  }
  await page.keyboard.press('n');
  const focused = await page.evaluate(() => [document.activeElement.className, document.activeElement.getAttribute('aria-label')]);
  assert.deepEqual(focused, ['change current', 'Change 1 of 5, accepted']);
  assert.match(await page.textContent('#live'), /^Change 1 of 5\. Removed “Story continues below advertisement”\. en\/ads\/continues-below\. Accepted\.$/);
  await page.focus('.kept');
  assert.match(await page.textContent('#what'), /left alone: the text speaks of the words/);
  await settle();
});
