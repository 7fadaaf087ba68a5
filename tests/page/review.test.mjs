// The page of one document: what it shows, and what is decided on it.

import test from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ARTICLE, browser, descale, download, open, pageOf } from './support.mjs';

test('a page to review', async (t) => {
  const chromium = await browser(t);
  const { cwd, cleaned, lines, address } = pageOf(t, 'harbour.txt', ARTICLE);
  const edits = lines.filter((line) => line.type === 'edit');
  assert.equal(edits.length, 5, 'the article holds five changes');

  /** What a reader sees of the text. */
  const seen = (page, cell = '.cell:first-child') => page.$$eval(`.row > ${cell}`, (cells) => cells.map((cell) => cell.innerText.trim()).filter(Boolean));

  await t.test('shows every change', async () => {
    const { page, settle } = await open(chromium, address);
    assert.equal(await page.textContent('h1'), 'harbour.txt');
    assert.match(await page.textContent('#totals'), /^5 changes · 4 cuts · 1 repair$/);
    assert.equal(await page.locator('.change').count(), 5);
    assert.deepEqual(
      await page.$$eval('.change', (changes) => changes.map((change) => [change.querySelector('del')?.textContent, change.querySelector('ins')?.textContent])),
      [
        ['Story continues below advertisement', undefined],
        ['Story continues below advertisement', undefined],
        ['Vanderst', 'Vandersteen'],
        ['Sign up for our newsletter', undefined],
        ['Story continues below advertisement', undefined],
      ],
    );
    await settle();
  });

  await t.test('has four views', async () => {
    const { page, settle } = await open(chromium, address);
    const paragraphs = (text) => text.trim().split('\n\n');
    await page.keyboard.press('2');
    assert.deepEqual(await seen(page), paragraphs(ARTICLE));
    await page.keyboard.press('3');
    assert.deepEqual(await seen(page), paragraphs(cleaned));
    await page.click('text=Side by side');
    assert.deepEqual(await seen(page), paragraphs(ARTICLE));
    assert.deepEqual(await seen(page, '.cell + .cell'), paragraphs(cleaned));
    await page.keyboard.press('1');
    assert.equal(await page.locator('.rows ins:visible').count(), 1);
    assert.equal(await page.locator('.rows del:visible').count(), 5);
    await settle();
  });

  await t.test('gives the cleaned text when nothing is rejected', async () => {
    const { page, settle } = await open(chromium, address);
    assert.deepEqual(await download(page, '#download-text'), { name: 'harbour.cleaned.txt', text: cleaned });
    assert.equal(await page.isDisabled('#download-rejected'), true);
    await settle();
  });

  for (const [at, edit] of edits.entries()) {
    await t.test(`rejecting change ${at + 1} undoes it and nothing else`, async () => {
      const { page, settle } = await open(chromium, address);
      for (let step = 0; step <= at; step += 1) await page.keyboard.press('n');
      await page.keyboard.press('r');
      const bytes = Buffer.from(ARTICLE);
      let expected = '';
      let from = 0;
      for (const other of edits) {
        expected += bytes.subarray(from, other.start) + (other === edit ? other.old : other.new);
        from = other.end;
      }
      expected += bytes.subarray(from);
      assert.equal((await download(page, '#download-text')).text, expected);
      const rejected = await download(page, '#download-rejected');
      assert.equal(rejected.name, 'rejected.jsonl');
      const entries = rejected.text.trim().split('\n').map((line) => JSON.parse(line));
      assert.equal(entries.length, 1);
      assert.deepEqual(Object.keys(entries[0]), ['fingerprint', 'rule', 'match', 'doc']);
      assert.match(entries[0].fingerprint, /^[0-9a-f]{16}$/);
      assert.deepEqual([entries[0].rule, entries[0].doc], [edit.rules[0], 'harbour.txt']);
      assert.ok(edit.old.includes(entries[0].match));
      // And back: accepted again, nothing is left of it.
      await page.keyboard.press('a');
      assert.equal((await download(page, '#download-text')).text, cleaned);
      await settle();
    });
  }

  await t.test('is walked and decided with buttons', async () => {
    const { page, settle } = await open(chromium, address);
    await page.click('#next');
    assert.equal(await page.textContent('#where'), '1 of 5');
    await page.click('#previous');
    assert.equal(await page.textContent('#where'), '5 of 5', 'before the first comes the last');
    await page.click('#reject');
    assert.equal(await page.getAttribute('#reject', 'aria-pressed'), 'true');
    assert.equal(await page.getAttribute('.change >> nth=4', 'data-state'), 'rejected');
    assert.match(await page.textContent('#totals'), /1 rejected$/);
    assert.match(await page.textContent('#live'), /^Rejected/);
    await page.click('.change >> nth=2');
    assert.equal(await page.textContent('#where'), '3 of 5');
    assert.match(await page.textContent('#what'), /^fragment\/clipped-name/);
    await page.click('#reject-shown');
    assert.equal((await download(page, '#download-text')).text, ARTICLE, 'all rejected is the original');
    await page.click('#accept-shown');
    assert.equal((await download(page, '#download-text')).text, cleaned);
    await settle();
  });

  await t.test('is filtered by category and rule', async () => {
    const { page, settle } = await open(chromium, address);
    const counts = await page.$$eval('#tree label', (rows) => rows.map((row) => `${row.querySelector('.label').textContent} ${row.querySelector('.count').textContent}`));
    assert.equal(counts[0], 'ad-marker 3');
    assert.equal(counts.length, 6, 'three categories with a rule each');
    await page.uncheck('#tree label:has-text("ad-marker") input');
    assert.equal(await page.textContent('#where'), '2 shown');
    assert.equal(await page.locator('.change.off').count(), 3);
    await page.keyboard.press('j');
    assert.match(await page.textContent('#what'), /clipped-name/);
    await page.keyboard.press('j');
    await page.keyboard.press('j');
    assert.match(await page.textContent('#what'), /clipped-name/, 'only what is shown is walked');
    await page.click('#reject-shown');
    assert.equal(await page.locator('.change[data-state=rejected]').count(), 2, 'only what is shown is rejected');
    await page.check('#tree label:has-text("en/ads/continues-below") input');
    assert.equal(await page.isChecked('#tree label:has-text("ad-marker") input'), true);
    assert.equal(await page.locator('.change.off').count(), 0);
    await settle();
  });

  await t.test('keys do not act while the help is open, and can be switched off', async () => {
    const { page, settle } = await open(chromium, address);
    await page.keyboard.press('?');
    assert.equal(await page.isVisible('#help'), true);
    await page.keyboard.press('n');
    assert.match(await page.textContent('#where'), /shown/);
    await page.uncheck('#keys-on');
    await page.keyboard.press('Escape');
    assert.equal(await page.isVisible('#help'), false);
    await page.keyboard.press('n');
    assert.match(await page.textContent('#where'), /shown/);
    await settle();
  });

  await t.test('remembers decisions over a reload', async () => {
    const { page, settle } = await open(chromium, address);
    await page.keyboard.press('n');
    await page.keyboard.press('r');
    await page.reload();
    assert.equal(await page.locator('.change[data-state=rejected]').count(), 1);
    await settle();
  });

  await t.test('rejected changes are a baseline', async (t) => {
    const { page, settle } = await open(chromium, address);
    await page.click('#reject-shown');
    const rejected = await download(page, '#download-rejected');
    await settle();
    if (!descale(cwd, ['lint', '--help']).includes('--baseline')) {
      t.skip('this lint has no --baseline');
      return;
    }
    writeFileSync(join(cwd, 'rejected.jsonl'), rejected.text);
    descale(cwd, ['lint', 'harbour.txt'], 1);
    descale(cwd, ['lint', 'harbour.txt', '--baseline', 'rejected.jsonl']);
  });
});

test('texts keep every byte', async (t) => {
  const chromium = await browser(t);
  const odd = `\ufeffOne café 🏠 𝒳.\r\n\r\nStory continues below advertisement\r\n\r\nTwo\u2028\u00a0\u0000\u0007 three.\t\r\n\r\n\r\n  العربية נכון.`;
  const { address, cleaned } = pageOf(t, 'odd name%20#1.txt', odd);
  assert.notEqual(cleaned, odd);
  const { page, settle } = await open(chromium, address);
  assert.equal((await download(page, '#download-text')).text, cleaned);
  await page.click('#reject-shown');
  const file = await download(page, '#download-text');
  assert.deepEqual(file, { name: file.name, text: odd });
  await settle();
});

test('a comparison of two texts is a page too', async (t) => {
  const chromium = await browser(t);
  const { cwd, cleaned } = pageOf(t, 'before.txt', ARTICLE);
  const edited = cleaned.replace('Tuesday', 'Wednesday');
  writeFileSync(join(cwd, 'after.txt'), edited);
  writeFileSync(join(cwd, 'diff.html'), descale(cwd, ['diff', 'before.txt', 'after.txt', '--format', 'html'], 1));
  const { page, settle } = await open(chromium, pathToFileURL(join(cwd, 'diff.html')).href);
  assert.equal((await download(page, '#download-text')).text, edited);
  await page.click('#next');
  assert.match(await page.textContent('#what'), /^other was changed elsewhere/);
  await page.click('#reject');
  assert.equal((await download(page, '#download-text')).text, edited.replace('Wednesday', 'Tuesday'));
  assert.equal(await page.isDisabled('#download-rejected'), true, 'what no rule found is in no baseline');
  await settle();
});

test('a page without changes says so', async (t) => {
  const chromium = await browser(t);
  const { address } = pageOf(t, 'plain.txt', 'Nothing is wrong here.\n');
  const { page, settle } = await open(chromium, address);
  assert.equal(await page.textContent('h1'), 'Nothing was found');
  assert.match(await page.textContent('main'), /Nothing was found/);
  await settle();
});
