// The index of a corpus.

/** Rules that are listed before someone asks for all. */
const FIRST_RULES = 25;

const index = pageData();
const { totals } = index;

const pageAddress = (page, at) => `${encodeURIComponent(index.folder)}/${index.pages[page - 1].name}${at ? `#d${at}` : ''}`;

function showTotals() {
  const title = counted(totals.documents, 'document');
  byId('title').textContent = title;
  document.title = `${title} – descale`;
  byId('engine').textContent = index.engine;
  const less = totals.bytes_in - totals.bytes_out;
  const share = totals.bytes_in > 0 ? ` (${(100 * less / totals.bytes_in).toFixed(2)} %)` : '';
  const facts = [
    ['documents', 'Documents', totals.documents],
    ['changed', 'Documents changed', totals.changed],
    ['edits', 'Changes', totals.edits],
    ['findings', 'Findings', totals.findings],
    ['errors', 'Errors', totals.errors],
    ['warnings', 'Warnings', totals.warnings],
    ['notes', 'Notes', totals.notes],
    ['bytes_in', 'Bytes before', totals.bytes_in],
    ['bytes_out', 'Bytes after', totals.bytes_out],
  ];
  for (const [name, words, count] of facts) {
    byId('totals').append(element('div', {}, element('dt', {}, words), element('dd', { 'data-total': name }, number.format(count))));
  }
  byId('totals').append(element('div', {}, element('dt', {}, 'Bytes taken out'), element('dd', {}, `${number.format(less)}${share}`)));
  if (index.passed_over > 0) {
    byId('passed-over').textContent = `${counted(index.passed_over, 'more document')} with findings are counted here but shown on no page: there are too many.`;
    byId('passed-over').hidden = false;
  }
}

/** The rules, the most frequent first, each with why, version and examples. */
const rules = totals.rules
  .map((rule, at) => ({ ...rule, why: index.why[at], version: index.versions[at], examples: index.examples[rule.rule] ?? [] }))
  .sort((one, other) => other.findings - one.findings || (one.rule < other.rule ? -1 : 1));

function showCategories() {
  const counts = new Map();
  for (const rule of rules) counts.set(rule.category, (counts.get(rule.category) ?? 0) + rule.findings);
  const sorted = [...counts].sort((one, other) => other[1] - one[1]);
  const most = sorted[0]?.[1] ?? 0;
  for (const [name, count] of sorted) {
    const search = () => {
      byId('find').value = name;
      showRules();
      byId('rules').scrollIntoView();
      byId('find').focus();
    };
    const button = element('button', { type: 'button', class: 'plain label', on: { click: search } }, name);
    byId('categories').append(element('li', { class: 'line' }, button, bar(count, most), element('span', { class: 'count' }, number.format(count))));
  }
}

let all = false;

function showRules() {
  const wanted = byId('find').value.trim().toLowerCase();
  const found = rules.filter((rule) => wanted === '' || textOf(rule).includes(wanted));
  const listed = all || wanted !== '' ? found : found.slice(0, FIRST_RULES);
  byId('list').replaceChildren(...listed.map(ruleElement));
  byId('found').textContent = `${number.format(found.length)} of ${counted(rules.length, 'rule')}`;
  byId('more').hidden = listed.length === found.length;
  byId('more').textContent = `Show all ${number.format(found.length)}`;
}

/** What the search looks at. */
function textOf(rule) {
  rule.text ??= [rule.rule, rule.category, ...rule.examples.map((example) => example.text)].join(' ').toLowerCase();
  return rule.text;
}

function ruleElement(rule) {
  const kept = rule.findings - rule.applied;
  const summary = element(
    'summary',
    {},
    element('span', { class: 'label' }, ...breakable(rule.rule), element('span', { class: 'quiet' }, ` ${rule.category}`)),
    bar(rule.findings, rules[0].findings),
    element('span', { class: 'count' }, number.format(rule.findings)),
  );
  const made = element('details', { 'data-rule': rule.rule }, summary);
  // Examples are built when asked for: a corpus may have thousands of them.
  made.addEventListener('toggle', () => made.append(...bodyOf(rule, kept)), { once: true });
  return made;
}

function bodyOf(rule, kept) {
  const left = kept > 0 ? ` ${number.format(kept)} left alone.` : '';
  const words = `Text that ${rule.why}. Version ${rule.version}. ${counted(rule.applied, 'finding')} acted on.${left}`;
  const made = [element('p', { class: 'quiet' }, words)];
  if (rule.examples.length > 0) made.push(element('ul', { class: 'examples' }, ...rule.examples.map(exampleElement)));
  return made;
}

function exampleElement(example) {
  const text = element('p', { dir: 'auto' }, `…${oneLine(example.before)}`, element('del', {}, oneLine(example.text)));
  if (example.new !== undefined) text.append(element('ins', {}, oneLine(example.new)));
  text.append(`${oneLine(example.after)}…`);
  return element('li', {}, text, element('a', { href: pageAddress(example.page, example.at) }, example.doc));
}

function showMost() {
  for (const one of index.most) {
    const link = element('a', { href: pageAddress(one.page, one.at) }, one.doc);
    const cell = (words) => element('td', { class: 'count' }, words);
    const share = `${(100 * one.removed / one.bytes_in).toFixed(1)} %`;
    byId('most').append(element('tr', {}, element('th', { scope: 'row' }, link), cell(number.format(one.edits)), cell(number.format(one.removed)), cell(share)));
  }
}

function showPages() {
  for (const [at, page] of index.pages.entries()) {
    const names = page.first === page.last ? page.first : `${page.first} … ${page.last}`;
    const link = element('a', { href: pageAddress(at + 1) }, names);
    byId('pages').append(element('li', {}, link, element('span', { class: 'quiet' }, ` ${counted(page.documents, 'document')}, ${counted(page.edits, 'change')}`)));
  }
}

showTotals();
showCategories();
showRules();
showMost();
showPages();
byId('find').addEventListener('input', showRules);
byId('more').addEventListener('click', () => {
  all = true;
  showRules();
  byId('found').focus();
});
