// Ten thousand documents: an index that opens, pages that stay light, and totals that agree.

import test from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ARTICLE, browser, descale, folder, open } from './support.mjs';

const DOCUMENTS = 10_000;

/** Articles that differ, most of them with something to cut. */
function article(at) {
  const place = ['harbour', 'station', 'theatre', 'library', 'market', 'school', 'bridge'][at % 7];
  const text = ARTICLE.replaceAll('harbour', `${place} number ${at}`).replaceAll('nine', String(at));
  return at % 5 === 0 ? text.replaceAll('Story continues below advertisement\n\n', '').replace('Sign up for our newsletter\n\n', '') : text;
}

test('an index of ten thousand documents', async (t) => {
  const chromium = await browser(t);
  const cwd = folder(t);
  mkdirSync(join(cwd, 'in'));
  for (let at = 0; at < DOCUMENTS; at += 1) writeFileSync(join(cwd, 'in', `article-${String(at).padStart(5, '0')}.txt`), article(at));
  descale(cwd, ['clean', '-q', 'in', '--report', 'html=r.html', '--report', 'jsonl=r.jsonl']);
  const summary = JSON.parse(readFileSync(join(cwd, 'r.jsonl'), 'utf8').trimEnd().split('\n').at(-1));
  assert.equal(summary.documents, DOCUMENTS);

  await t.test('stays light', () => {
    assert.ok(statSync(join(cwd, 'r.html')).size < 5_000_000, 'the index is below 5 MB');
    const pages = readdirSync(join(cwd, 'r_files'));
    assert.equal(pages.length, summary.changed / 100, 'a hundred documents a page, only those with findings');
    for (const page of pages) assert.ok(statSync(join(cwd, 'r_files', page)).size < 1_500_000, page);
  });

  await t.test('agrees with the summary', async () => {
    const { page, settle } = await open(chromium, pathToFileURL(join(cwd, 'r.html')).href);
    const totals = Object.fromEntries(await page.$$eval('[data-total]', (all) => all.map((one) => [one.dataset.total, Number(one.textContent.replaceAll(',', ''))])));
    for (const [name, count] of Object.entries(totals)) assert.equal(count, summary[name], name);
    assert.equal(Object.keys(totals).length, 9);
    const rules = Object.fromEntries(await page.$$eval('[data-rule]', (all) => all.map((one) => [one.dataset.rule, Number(one.querySelector('.count').textContent.replaceAll(',', ''))])));
    assert.deepEqual(rules, Object.fromEntries(summary.rules.map((rule) => [rule.rule, rule.findings])));
    const onPages = await page.$$eval('#pages li', (all) => all.map((one) => Number(/ ([\d,]+) changes$/.exec(one.textContent)[1].replaceAll(',', ''))));
    assert.equal(onPages.reduce((sum, count) => sum + count), summary.edits);
    await settle();
  });

  await t.test('leads to every rule’s examples and their documents', async () => {
    const { page, settle } = await open(chromium, pathToFileURL(join(cwd, 'r.html')).href, { reducedMotion: 'no-preference' });
    await page.click('[data-rule="fragment/clipped-name"] summary');
    assert.ok((await page.locator('.examples li').count()) >= 2);
    await page.fill('#find', 'newsletter');
    assert.equal(await page.locator('[data-rule]').count(), 1);
    await page.fill('#find', '');
    await page.click('#pages li:nth-child(2) a');
    assert.match(page.url(), /r_files\/page-0002\.html$/);
    assert.match(await page.textContent('h1'), /^Page 2: 100 documents$/);
    await page.click('text=Next page');
    assert.match(page.url(), /page-0003/);
    await page.click('text=All documents');
    assert.match(page.url(), /r\.html$/);
    await page.click('#most a >> nth=0');
    /** Whether the first element of a selector stands in the window. */
    const inView = async (selector) => {
      await page.waitForTimeout(100);
      return page.$eval(selector, (shown) => shown.getBoundingClientRect().top < innerHeight - 60 && shown.getBoundingClientRect().bottom > 0);
    };
    assert.equal(await inView(`[id="${page.url().split('#')[1]}"]`), true);
    // Over many documents that are laid out only as they come into view.
    for (const key of ['n', 'n', 'n', 'p', 'n', 'n']) {
      await page.keyboard.press(key);
      assert.equal(await inView('.change.current'), true);
    }
    await page.keyboard.press('r');
    assert.equal(await page.locator('.change[data-state=rejected]').count(), 1);
    await settle();
  });
});
