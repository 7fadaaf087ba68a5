// What the tests share: the command, texts written for them, and a browser that notes whatever it should not do.

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import assert from 'node:assert/strict';
import { chromium } from 'playwright-core';

/** Four insertions and a clipped name. */
export const ARTICLE = `The harbour council met on Tuesday, and Annelies Vandersteen chaired it.

Story continues below advertisement

“We have waited for the ferry for nine years,” said Ms. Vandersteen. The room was full.

Story continues below advertisement

A statement from Ms. Vanderst’s office said the quay would be ready in spring.

Sign up for our newsletter

The mayor did not take questions. She left before the vote.

Story continues below advertisement

The vote was put off until June.
`;

/** Text that tries to become part of the page. */
export const HOSTILE = `<script>window.hurt = 1</script> said the mayor. </script><script>window.hurt = 2</script>

<!-- <script> <img src=x onerror="window.hurt = 3"> \u2028 \u2029 &lt;b&gt; "]}' \\u003cscript\\u003e

Story continues below advertisement

javascript:window.hurt=4 {{script}} {{data}} $& $1 \u202e backwards \u202c and on.

]]> --> <svg onload=window.hurt=5> ends it.
`;

/** A folder that is gone when the tests are. */
export function folder(test) {
  const made = mkdtempSync(join(tmpdir(), 'descale-page-'));
  test.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** Runs the command in a folder. Answers what it wrote to each stream; any exit code but `status` is an error. */
export function descale(cwd, args, status = 0) {
  try {
    const stdout = execFileSync(process.env.DESCALE, args, { cwd, encoding: 'utf8', stdio: 'pipe', maxBuffer: 1 << 28 });
    assert.equal(status, 0, `${args.join(' ')} succeeded`);
    return stdout;
  } catch (error) {
    if (error.status !== status || status === 0) throw new Error(`${args.join(' ')}: exit ${error.status}\n${error.stderr}`);
    return error.stdout;
  }
}

/** Cleans a text and answers the address of its page, and the cleaned text. */
export function pageOf(test, name, text, extra = []) {
  const cwd = folder(test);
  writeFileSync(join(cwd, name), text);
  const cleaned = descale(cwd, ['clean', '-q', name, '--report', 'html=r.html', '--report', 'jsonl=r.jsonl', ...extra]);
  const lines = readFileSync(join(cwd, 'r.jsonl'), 'utf8').trim().split('\n').map((line) => JSON.parse(line));
  return { cwd, cleaned, lines, address: pathToFileURL(join(cwd, 'r.html')).href };
}

const FLAGS = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update', '--disable-sync'];

/** A browser for all tests of a file. */
export async function browser(test) {
  const made = await chromium.launch({ executablePath: process.env.CHROMIUM, args: FLAGS });
  test.after(() => made.close());
  return made;
}

/** Opens a page that is watched. `settle` closes it and fails if it complained, or asked for anything but files beside it. */
export async function open(browser, address, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce', acceptDownloads: true, ...options });
  const page = await context.newPage();
  const faults = [];
  page.on('console', (message) => faults.push(`console: ${message.text()}`));
  page.on('pageerror', (error) => faults.push(`error: ${error.stack}`));
  page.on('dialog', (dialog) => faults.push(`dialog: ${dialog.message()}`));
  page.on('request', (request) => {
    if (!/^(file|blob):/.test(request.url())) faults.push(`request: ${request.url()}`);
  });
  await page.goto(address);
  const settle = async () => {
    await context.close();
    assert.deepEqual(faults, []);
  };
  return { page, settle };
}

/** Presses a button and answers the file that comes down: its name and content. */
export async function download(page, selector) {
  const [file] = await Promise.all([page.waitForEvent('download'), page.click(selector)]);
  return { name: file.suggestedFilename(), text: readFileSync(await file.path(), 'utf8') };
}
