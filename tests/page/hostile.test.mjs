// Text from the web must stay text.

import test from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTILE, browser, descale, download, folder, open, pageOf } from './support.mjs';
import { pathToFileURL } from 'node:url';

test('hostile text never runs and comes back byte for byte', async (t) => {
  const chromium = await browser(t);
  const name = `"><img src=x onerror=window.hurt=6>.txt`;
  const { address, cleaned } = pageOf(t, name, HOSTILE);
  const { page, settle } = await open(chromium, address);
  for (const key of ['n', 'r', '4', '2', '3', '1', '?']) await page.keyboard.press(key);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  assert.equal(await page.locator('main script, main img, main svg, h1 img').count(), 0, 'text is text nodes only');
  await page.keyboard.press('Escape');
  await page.click('#reject-shown');
  assert.equal((await download(page, '#download-text')).text, HOSTILE);
  await page.click('#accept-shown');
  assert.equal((await download(page, '#download-text')).text, cleaned);
  await settle();
});

test('even markup in the page could not run a script', async (t) => {
  const chromium = await browser(t);
  const { address } = pageOf(t, 'a.txt', HOSTILE);
  const context = await chromium.newContext();
  const page = await context.newPage();
  await page.goto(address);
  const refused = page.waitForEvent('console', (message) => message.text().includes('Content Security Policy'));
  await page.evaluate(() => document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.hurt = 7">'));
  await refused;
  await page.waitForTimeout(50);
  assert.equal(await page.evaluate(() => window.hurt), undefined);
  await context.close();
});

test('a corpus of hostile names and texts', async (t) => {
  const chromium = await browser(t);
  const cwd = folder(t);
  const lines = [HOSTILE, HOSTILE.replace('mayor', 'judge'), 'Fine.'].map((text, at) => JSON.stringify({ id: `</script><script>window.hurt=${at}</script>`, text }));
  writeFileSync(join(cwd, 'in.jsonl'), `${lines.join('\n')}\n`);
  descale(cwd, ['clean', '-q', 'in.jsonl', '--only', 'ad-marker', '--id-field', 'id', '--report', 'html=r.html', '-o', 'out.jsonl']);
  const index = await open(chromium, pathToFileURL(join(cwd, 'r.html')).href);
  await index.page.click('details summary');
  // Examples are made when they are asked for, which takes the browser a moment.
  await index.page.locator('.examples li').first().waitFor();
  assert.equal(await index.page.locator('.examples li').count(), 2);
  assert.equal(await index.page.evaluate(() => window.hurt), undefined);
  await index.page.click('.examples a');
  assert.match(index.page.url(), /r_files\/page-0001\.html#d1$/);
  assert.equal(await index.page.locator('article').count(), 2);
  assert.equal(await index.page.evaluate(() => window.hurt), undefined);
  const texts = await download(index.page, '#download-text');
  assert.equal(texts.name, 'cleaned.jsonl');
  const cleaned = readFileSync(join(cwd, 'out.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line).text);
  assert.deepEqual(texts.text.trim().split('\n').map((line) => JSON.parse(line).text), cleaned.slice(0, 2));
  await index.settle();
});
