// Reports for other tools, held against the tools' own word.

import test from 'node:test';
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ARTICLE, HOSTILE, descale, folder } from './support.mjs';

const require = createRequire(import.meta.url);
const Ajv = require('ajv-draft-04');
const addFormats = require('ajv-formats');

/** Files that bring every shape: fixes, notes, records, odd names, odd characters. */
function files(test) {
  const cwd = folder(test);
  mkdirSync(join(cwd, 'texts'));
  writeFileSync(join(cwd, 'texts', 'harbour.txt'), `${ARTICLE}\nThe sign said “Advertisement”: 🏠 100% true,\r\nit did.\n`);
  writeFileSync(join(cwd, 'texts', 'odd, 100%: é#1.txt'), HOSTILE);
  writeFileSync(join(cwd, 'texts', 'many.jsonl'), `${JSON.stringify({ id: 'a1', text: ARTICLE })}\n${JSON.stringify({ id: 'a2', text: 'Fine.' })}\n`);
  return cwd;
}

test('SARIF keeps to the schema', (t) => {
  const cwd = files(t);
  const schemas = join(dirname(require.resolve('@microsoft/jest-sarif/package.json')), 'lib/schemas/sarif-2.1.0-rtm.5.json');
  const ajv = new Ajv({ strict: false, allErrors: true, unicodeRegExp: false });
  addFormats(ajv);
  const valid = ajv.compile(JSON.parse(readFileSync(schemas, 'utf8')));
  for (const paths of [['texts'], ['texts/harbour.txt'], ['--no-builtin', '--pattern', 'Never there at all', 'texts']]) {
    const log = JSON.parse(descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'sarif', '--id-field', 'id', ...paths]));
    assert.ok(valid(log), JSON.stringify(valid.errors, null, 1));
  }
  const log = JSON.parse(descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'sarif', 'texts']));
  log.runs[0].results[0].level = 'loud';
  assert.equal(valid(log), false, 'the schema is alive');
});

test('SARIF fixes make the cleaned text', (t) => {
  const cwd = files(t);
  const [run] = JSON.parse(descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'sarif', 'texts/harbour.txt'])).runs;
  const fixes = run.results.flatMap((result) => result.fixes ?? []).flatMap((fix) => fix.artifactChanges[0].replacements);
  const text = readFileSync(join(cwd, 'texts', 'harbour.txt'));
  for (const [unit, pieces] of [['byte', text], ['char', Array.from(text.toString())]]) {
    let at = 0;
    let made = '';
    const rest = (from, to) => (unit === 'byte' ? pieces.subarray(from, to).toString() : pieces.slice(from, to).join(''));
    for (const { deletedRegion, insertedContent } of fixes) {
      made += rest(at, deletedRegion[`${unit}Offset`]) + insertedContent.text;
      at = deletedRegion[`${unit}Offset`] + deletedRegion[`${unit}Length`];
    }
    assert.equal(made + rest(at), descale(cwd, ['clean', '-q', 'texts/harbour.txt']), unit);
  }
});

test('GitHub annotations are what the runner’s toolkit writes', (t) => {
  const cwd = files(t);
  const findings = descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'jsonl', 'texts']).trim().split('\n').map((line) => JSON.parse(line)).filter((line) => line.type === 'finding');
  const lines = descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'github', 'texts']).trimEnd().split('\n');
  assert.equal(lines.length, findings.length);
  // The toolkit prints by itself, so it gets a process of its own.
  const calls = findings.map((finding, at) => {
    const message = decodeURIComponent(lines[at].replace(/^::.*?::/s, '').replace(/%(?!25|0D|0A)/g, '%25'));
    const place = finding.record ? { startLine: finding.record.line } : { startLine: finding.line, startColumn: finding.column, endLine: finding.end_line, endColumn: finding.end_column };
    return { severity: finding.severity === 'note' ? 'notice' : finding.severity, message, properties: { title: finding.rule, file: finding.path, ...place } };
  });
  const script = 'import * as core from "@actions/core"; for (const { severity, message, properties } of JSON.parse(process.argv[1])) core[severity](message, properties);';
  const theirs = execFileSync('node', ['--input-type=module', '-e', script, JSON.stringify(calls)], { encoding: 'utf8' }).trimEnd().split('\n');
  const parts = (line) => {
    const [, command, properties, message] = /^::(\w+) (.*?)::(.*)$/.exec(line);
    return { command, properties: properties.split(',').sort(), message };
  };
  for (const [at, line] of lines.entries()) assert.deepEqual(parts(line), parts(theirs[at]));
});

test('JUnit is well-formed XML', (t) => {
  const cwd = files(t);
  writeFileSync(join(cwd, 'texts', 'control.txt'), 'One \u0000\u001b[31m.\n\nStory continues below advertisement\n\nTwo ]]> <b>.\n');
  descale(cwd, ['lint', '-q', '--exit-zero', 'texts', '--report', 'junit=r.xml']);
  const count = 'import sys, xml.etree.ElementTree as tree\nroot = tree.parse(sys.argv[1]).getroot()\nprint(sum(int(suite.get("tests")) for suite in root), len(root.findall(".//testcase")), len(root.findall(".//failure")), sum(int(suite.get("failures")) for suite in root))';
  const [tests, cases, failures, told] = execFileSync('python3', ['-c', count, 'r.xml'], { cwd, encoding: 'utf8' }).trim().split(' ').map(Number);
  assert.ok(tests > 10 && tests === cases && failures === told, `${tests} ${cases} ${failures} ${told}`);
});

test('Dolma’s spans cut the findings out of its own strings', (t) => {
  const cwd = files(t);
  const lines = descale(cwd, ['lint', '-q', '--exit-zero', '--format', 'dolma', '--id-field', 'id', 'texts/many.jsonl']).trim().split('\n').map((line) => JSON.parse(line));
  assert.deepEqual(lines.map((line) => line.id), ['a1', 'a2']);
  assert.deepEqual(lines[1].attributes, {});
  const characters = Array.from(ARTICLE);
  const cut = lines[0].attributes.descale__ad_marker.map(([start, end, score]) => [characters.slice(start, end).join(''), score]);
  assert.deepEqual(cut, Array(3).fill(['Story continues below advertisement', 1]));
});

test('several reports in one run', (t) => {
  const cwd = files(t);
  const formats = ['text', 'concise', 'diff', 'words', 'json', 'jsonl', 'sarif', 'github', 'rdjsonl', 'junit', 'dolma', 'html'];
  descale(cwd, ['clean', '-q', 'texts/harbour.txt', '-o', 'out.txt', ...formats.flatMap((format) => ['--report', `${format}=r.${format}`])]);
  for (const format of formats) assert.ok(readFileSync(join(cwd, `r.${format}`), 'utf8').includes('harbour.txt'), format);
});
