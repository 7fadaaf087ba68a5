// Walking from change to change, deciding, and taking the result home.

const page = pageData();
const main = byId('text');

/** The change that the dock shows. */
let current = null;

/** How a change is told to someone who hears the page. */
function told(change) {
  const { piece } = change;
  const kind = kindOf(change);
  if (kind === 'cut') return `Removed “${shortened(oneLine(piece.old.trim()), 80)}”`;
  if (kind === 'insertion') return `Put in “${shortened(oneLine(piece.new), 80)}”`;
  return `Wrote “${shortened(oneLine(piece.new), 80)}” for “${shortened(oneLine(piece.old), 80)}”`;
}

/** Makes a change the one that keys and buttons act on. `go` also brings it into view. */
function choose(change, go) {
  if (current !== change) {
    for (const made of current?.elements ?? []) {
      made.classList.remove('current');
      made.setAttribute('tabindex', '-1');
    }
    current = change;
    for (const made of change?.elements ?? []) {
      made.classList.add('current');
      made.setAttribute('tabindex', '0');
    }
  }
  if (change && go) {
    const made = change.elements.find((made) => made.offsetParent !== null) ?? change.elements[0];
    bringIntoView(made);
    made.focus({ preventScroll: true });
  }
  showDock();
  if (change && go) say(`Change ${placeOf(change)}. ${told(change)}. ${change.rules.map((rule) => rule.name).join(', ')}. ${change.rejected ? 'Rejected' : 'Accepted'}.`);
}

function bringIntoView(made) {
  const lazy = made.closest('.lazy') !== null;
  const still = lazy || matchMedia('(prefers-reduced-motion: reduce)').matches;
  made.scrollIntoView({ block: 'center', behavior: still ? 'instant' : 'smooth' });
  // Rows that were not laid out before have only now got their height, and pushed it away.
  if (lazy) requestAnimationFrame(() => made.scrollIntoView({ block: 'center', behavior: 'instant' }));
}

const shownChanges = () => changes.filter((change) => change.shown);

function placeOf(change) {
  const shown = shownChanges();
  return `${number.format(shown.indexOf(change) + 1)} of ${number.format(shown.length)}`;
}

function showDock() {
  const shown = shownChanges();
  byId('where').textContent = current && current.shown ? placeOf(current) : `${number.format(shown.length)} shown`;
  byId('previous').disabled = byId('next').disabled = shown.length === 0;
  const what = byId('what');
  const [accept, reject] = [byId('accept'), byId('reject')];
  accept.disabled = reject.disabled = !current;
  accept.setAttribute('aria-pressed', String(Boolean(current && !current.rejected)));
  reject.setAttribute('aria-pressed', String(Boolean(current?.rejected)));
  what.replaceChildren();
  if (!current) {
    what.append(changes.length > 0 ? 'Choose a change, or press n.' : 'Nothing was changed.');
    return;
  }
  const [rule] = current.rules;
  const names = current.rules.map((rule) => rule.name).join(', ');
  what.append(element('b', {}, names), element('span', {}, ` ${rule.why}`));
  const line = current.findings[0]?.line;
  const place = line === undefined ? '' : ` · line ${number.format(line)}`;
  const version = rule.version === '' ? '' : ` · version ${rule.version}`;
  what.append(element('span', { class: 'quiet' }, ` ${rule.category}${place}${version}`));
}

/** The next change that is shown, or the one before; round at the ends. */
function step(by) {
  const shown = shownChanges();
  if (shown.length === 0) return;
  const at = current ? shown.indexOf(current) : -1;
  let next;
  if (at >= 0) next = shown[(at + by + shown.length) % shown.length];
  else if (!current) next = by > 0 ? firstInView(shown) : shown[shown.length - 1];
  else next = (by > 0 ? shown : [...shown].reverse()).find((change) => (change.at - current.at) * by > 0) ?? shown[0];
  choose(next, true);
}

/** The first change at or below the upper edge of the window, so that a reader who has scrolled goes on from there. */
function firstInView(shown) {
  return shown.find((change) => change.elements[0].getBoundingClientRect().top >= 0) ?? shown[0];
}

function decide(list, rejected) {
  for (const change of list) {
    change.rejected = rejected;
    dress(change);
  }
  remember();
  showDecisions();
  showDock();
  if (list.length === 1) say(rejected ? 'Rejected: the text stays as it was.' : 'Accepted.');
  else say(`${counted(list.length, 'change')} ${rejected ? 'rejected' : 'accepted'}.`);
}

function showDecisions() {
  const rejected = changes.filter((change) => change.rejected);
  const button = byId('download-rejected');
  button.disabled = rejected.every((change) => change.findings.length === 0);
  button.textContent = rejected.length > 0 ? `Download rejected (${number.format(rejected.length)})` : 'Download rejected';
  const cut = changes.filter((change) => kindOf(change) === 'cut').length;
  const parts = [counted(changes.length, 'change')];
  if (cut > 0) parts.push(counted(cut, 'cut'));
  if (changes.length > cut) parts.push(counted(changes.length - cut, 'repair'));
  const kept = document.querySelectorAll('.row > .cell:first-child .kept').length;
  if (kept > 0) parts.push(`${number.format(kept)} left alone`);
  if (rejected.length > 0) parts.push(`${number.format(rejected.length)} rejected`);
  byId('totals').textContent = parts.join(' · ');
}

function say(words) {
  byId('live').textContent = words;
}

function setView(view) {
  if (view === 'side') addOtherSide(choose);
  document.body.dataset.view = view;
  document.querySelector(`input[name=view][value=${view}]`).checked = true;
  choose(current, Boolean(current));
}

/** Hands a text to the browser as a file. */
function save(name, type, text) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = element('a', { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  // The browser has taken the file by then.
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

/** `a.cleaned.txt` for `in/a.txt`; a record of a file is a text by itself. */
function fileName(made) {
  const name = made.path.split(/[\\/]/).pop().replace(/^<stdin>$/, 'text.txt');
  const [, stem, ending] = /^(.+?)(\.[^.]*)?$/.exec(name) ?? [null, 'text', '.txt'];
  if (made.doc === made.path) return `${stem}.cleaned${ending ?? ''}`;
  return `${made.doc.split(/[\\/]/).pop().replace(/[^\p{L}\p{N}._-]+/gu, '-')}.cleaned.txt`;
}

function downloadText(made) {
  save(fileName(made), 'text/plain;charset=utf-8', decidedText(made));
  say('The text as decided was handed to your downloads.');
}

/** All texts of the page: one as it is, many as JSON Lines. */
function downloadAll() {
  if (documents.length === 1) {
    downloadText(documents[0]);
    return;
  }
  const whole = documents.filter((made) => made.whole);
  const lines = whole.map((made) => `${JSON.stringify({ doc: made.doc, text: decidedText(made) })}\n`);
  save('cleaned.jsonl', 'application/x-ndjson', lines.join(''));
}

function downloadRejected() {
  save('rejected.jsonl', 'application/x-ndjson', rejectedLines());
}

/** Shows why a finding that stays was left alone. */
function tellKept(mark) {
  const made = documents.find((made) => made.article.contains(mark));
  const finding = made.findings[Number(mark.dataset.by)];
  choose(null, false);
  byId('what').replaceChildren(
    element('b', {}, finding.rule.name),
    element('span', {}, ` ${finding.rule.why}; left alone: ${WHY_KEPT[finding.kept] ?? finding.kept}`),
    element('span', { class: 'quiet' }, ` ${finding.rule.category} · line ${number.format(finding.line)}`),
  );
}

const WHY_KEPT = {
  mention: 'the text speaks of the words, it does not use them',
  'limit:chars': 'it is longer than the rule may cut',
  'limit:share': 'it is a greater share of the text than the rule may cut',
  position: 'too little text stands before it',
  tier: 'only clean --review acts on it',
  ambiguous: 'the evidence allows more than one reading',
  overlap: 'another finding covers it',
  report: 'its rule only reports',
};

function heardKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || byId('help').open) return;
  if (event.target.closest('input:not([type=checkbox], [type=radio]), textarea, select')) return;
  if (!byId('keys-on').checked) return;
  const views = ['marked', 'original', 'cleaned', 'side'];
  const deeds = {
    n: () => step(1),
    j: () => step(1),
    p: () => step(-1),
    k: () => step(-1),
    a: () => current && decide([current], false),
    r: () => current && decide([current], true),
    '?': () => byId('help').showModal(),
  };
  const deed = deeds[event.key] ?? (views[event.key - 1] && (() => setView(views[event.key - 1])));
  if (!deed) return;
  event.preventDefault();
  deed();
}

function showTitle() {
  const [first] = documents;
  let title = 'Nothing was found';
  if (documents.length === 1) title = first.doc;
  else if (documents.length > 1) title = counted(documents.length, 'document');
  if (page.page > 0) title = `Page ${number.format(page.page)}: ${title}`;
  byId('title').textContent = title;
  document.title = `${title} – descale`;
  byId('download-text').disabled = !documents.some((made) => made.whole);
  if (documents.length > 1) byId('download-text').textContent = 'Download texts';
  if (!page.index) return;
  const link = (href, words) => element('a', { href }, words);
  const links = [link(`../${encodeURIComponent(page.index)}`, 'All documents')];
  if (page.before) links.push(link(page.before, 'Page before'));
  if (page.after) links.push(link(page.after, 'Next page'));
  byId('pages').append(...links);
  byId('pages').hidden = false;
}

recall();
showTitle();
showDocuments(main, choose);
if (documents.length === 0) main.append(element('p', { class: 'quiet' }, 'Nothing was found in this text.'));
showFilter(byId('tree'), () => {
  if (current && !current.shown) choose(null, false);
  else showDock();
  say(`${counted(shownChanges().length, 'change')} shown.`);
});
showDecisions();
showDock();
// Where there is room beside the text the filter stands open; elsewhere it would push the text away.
const narrow = matchMedia('(max-width: 60rem)');
const fitFilter = () => (byId('filter').open = !narrow.matches);
fitFilter();
narrow.addEventListener('change', fitFilter);

for (const input of document.querySelectorAll('input[name=view]')) input.addEventListener('change', () => setView(input.value));
const clicks = {
  previous: () => step(-1),
  next: () => step(1),
  accept: () => decide([current], false),
  reject: () => decide([current], true),
  'accept-shown': () => decide(shownChanges(), false),
  'reject-shown': () => decide(shownChanges(), true),
  'download-text': downloadAll,
  'download-rejected': downloadRejected,
  'help-open': () => byId('help').showModal(),
};
for (const [id, heard] of Object.entries(clicks)) byId(id).addEventListener('click', heard);
for (const event of ['click', 'focusin']) {
  main.addEventListener(event, ({ target }) => {
    const mark = target.closest('mark.kept');
    if (mark) tellKept(mark);
  });
}
document.addEventListener('keydown', heardKey);
// The target of an address such as #d17 is built only now.
if (location.hash.length > 1) {
  const target = byId(decodeURIComponent(location.hash.slice(1)));
  target?.scrollIntoView();
  requestAnimationFrame(() => target?.scrollIntoView());
}
