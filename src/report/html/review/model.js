// The documents of the page, their changes, and what was decided about each.

/** What stands for the rule of a change that no rule made, as in a comparison of two texts. */
const NO_RULE = { name: 'other', version: '', category: 'other', why: 'was changed elsewhere' };

/** Each with `changes`, in the order of the text. */
const documents = Array.from(document.querySelectorAll('script.document'), (script, at) => {
  const made = JSON.parse(script.textContent);
  made.at = at;
  made.changes = [];
  return made;
});

/** All changes of the page. */
const changes = [];

for (const made of documents) {
  for (const finding of made.findings) finding.rule = made.rules[finding.rule];
  for (const piece of made.text) {
    if (!isChange(piece)) continue;
    const findings = piece.by.map((by) => made.findings[by]);
    const rules = [...new Set(findings.map((finding) => finding.rule))];
    const change = {
      at: changes.length,
      document: made,
      piece,
      findings,
      rules: rules.length > 0 ? rules : [NO_RULE],
      rejected: false,
      shown: true,
      /** The elements that show it. */
      elements: [],
    };
    piece.change = change;
    made.changes.push(change);
    changes.push(change);
  }
}

function isChange(piece) {
  return piece.old !== undefined;
}

/** `cut`, `repair` or `insertion`. */
function kindOf(change) {
  if (change.piece.new === '') return 'cut';
  return change.piece.old === '' ? 'insertion' : 'repair';
}

/** The text of a document as decided: byte for byte the cleaned one where nothing was rejected, the original one where all was. */
function decidedText(made) {
  return made.text
    .map((piece) => {
      if (typeof piece === 'string') return piece;
      if (isChange(piece)) return piece.change.rejected ? piece.old : piece.new;
      return piece.text;
    })
    .join('');
}

/** The rejected findings as lines of a baseline. */
function rejectedLines() {
  const lines = [];
  for (const change of changes.filter((change) => change.rejected)) {
    for (const finding of change.findings) {
      const { fingerprint, rule, match } = finding;
      lines.push(JSON.stringify({ fingerprint, rule: rule.name, match, doc: change.document.doc }));
    }
  }
  return lines.map((line) => `${line}\n`).join('');
}

// Decisions outlive a reload. Where the browser forbids that, they simply do not.

/** A name for this very set of changes: other texts at the same address must not inherit decisions. */
const storageName = (() => {
  let hash = 0x811c9dc5;
  for (const change of changes) {
    for (const sign of change.findings.map((finding) => finding.fingerprint).join() + change.piece.old) {
      hash = Math.imul(hash ^ sign.codePointAt(0), 0x01000193) >>> 0;
    }
  }
  return `descale:${location.pathname}:${changes.length}:${hash.toString(16)}`;
})();

function remember() {
  const rejected = changes.filter((change) => change.rejected).map((change) => change.at);
  try {
    if (rejected.length > 0) localStorage.setItem(storageName, JSON.stringify(rejected));
    else localStorage.removeItem(storageName);
  } catch {
    // Storage is switched off or full.
  }
}

function recall() {
  try {
    for (const at of JSON.parse(localStorage.getItem(storageName) ?? '[]')) {
      if (changes[at]) changes[at].rejected = true;
    }
  } catch {
    // Storage is switched off, or holds what we did not write.
  }
}
