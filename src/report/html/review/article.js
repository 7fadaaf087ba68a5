// Documents as they are read: rows of a line each, so that both sides of "side by side" keep step.

/** Documents with more rows than this are laid out as they come into view. */
const MANY_ROWS = 200;

/** Puts all documents on the page. `choose` is told which change was pointed at. */
function showDocuments(main, choose) {
  for (const made of documents) {
    made.rows = rowsOf(made);
    const rows = element('div', { class: 'rows' });
    if (made.rows.length > MANY_ROWS || documents.length > 1) rows.classList.add('lazy');
    rows.append(...made.rows.map((row) => rowElement(row, choose)));
    const heading = element('h2', { id: `doc-${made.at + 1}`, class: 'name' }, made.doc);
    const article = element('article', { id: `d${made.at + 1}`, 'aria-labelledby': heading.id }, heading);
    if (documents.length === 1) heading.classList.add('unseen');
    else article.append(headOf(made));
    article.append(...notesOf(made), rows);
    main.append(article);
    made.article = article;
  }
}

/** What stands under the name of a document that is one of many. */
function headOf(made) {
  const download = element(
    'button',
    { type: 'button', class: 'small', on: { click: () => downloadText(made) }, disabled: !made.whole },
    'Download text',
    element('span', { class: 'unseen' }, ` of ${made.doc}`),
  );
  return element('p', { class: 'quiet head' }, `${counted(made.changes.length, 'change')} `, download);
}

/** What a reader must know about a document before trusting its download. */
function notesOf(made) {
  const notes = [];
  if (!made.whole) {
    notes.push('This text is too long to be shown whole: only what stands around its changes is here, and it cannot be downloaded.');
  }
  if (made.unshown > 0) notes.push(`${counted(made.unshown, 'more change')} of it are not shown.`);
  if (made.masked) {
    notes.push('Some bytes of this text are no UTF-8. They stand here, and in the download, as the character U+001A.');
  }
  return notes.map((note) => element('p', { class: 'notice' }, note));
}

/** Rows of strings and pieces. A row ends with a line that is not part of a change. */
function rowsOf(made) {
  const rows = [];
  let row = [];
  const end = () => {
    if (row.length > 0) rows.push(row);
    row = [];
  };
  for (const piece of made.text) {
    if (typeof piece === 'string') {
      for (const line of piece.match(/[^\n]*\n|[^\n]+/g) ?? []) {
        row.push(line);
        if (line.endsWith('\n')) end();
      }
    } else if (piece.gap !== undefined) {
      end();
      rows.push([piece]);
    } else {
      row.push(piece);
      if (isChange(piece) && isWholeLines(piece, row)) end();
    }
  }
  end();
  return rows;
}

/** Whether a change takes whole lines, so that a row may end behind it whatever is decided. */
function isWholeLines(piece, row) {
  return row.length === 1 && piece.old.endsWith('\n') && (piece.new === '' || piece.new.endsWith('\n'));
}

function rowElement(row, choose) {
  const made = element('div', { class: 'row' });
  if (row.every((item) => item === '\n' || item === '\r\n')) made.classList.add('blank');
  if (row.some((item) => typeof item !== 'string' && isChange(item))) made.classList.add('changed');
  made.append(cellElement(row, choose));
  return made;
}

/** A line as text, marks and changes. */
function cellElement(row, choose) {
  const cell = element('div', { class: 'cell', dir: 'auto' });
  for (const item of row) {
    if (typeof item === 'string') cell.append(item);
    else if (item.gap !== undefined) cell.append(element('p', { class: 'gap' }, `… ${number.format(item.gap)} bytes not shown …`));
    else if (isChange(item)) cell.append(changeElement(item.change, choose));
    else cell.append(keptElement(item));
  }
  return cell;
}

/** Signs for white space, for a change that consists of nothing else. */
function visible(text) {
  if (/\S/.test(text)) return text;
  return text.replace(/\n/g, '⏎').replace(/\t/g, '→').replace(/[^⏎→]/g, '·');
}

function changeElement(change, choose) {
  const { piece } = change;
  const made = element('span', {
    class: 'change',
    role: 'group',
    tabindex: '-1',
    on: { click: () => choose(change, false), focus: () => choose(change, false) },
  });
  if (piece.old !== '') made.append(...sideElements('del', piece.old));
  if (piece.new !== '') made.append(...sideElements('ins', piece.new));
  change.elements.push(made);
  dress(change);
  return made;
}

/** One side of a change. What is blank behind its last word carries no mark; line ends there are shown as the distance they make. */
function sideElements(name, text) {
  const shown = visible(text);
  const end = shown === text ? text.trimEnd().length : shown.length;
  const breaks = text.slice(end).split('\n').length - 1;
  const side = element(name, {}, shown.slice(0, end));
  if (end === shown.length) return [side];
  if (breaks < 2) return [side, element('span', { class: `after-${name}` }, shown.slice(end))];
  return [side, element('span', { class: `after-${name} far` })];
}

function keptElement(piece) {
  return element('mark', { class: 'kept', tabindex: '0', role: 'note', 'aria-label': 'left alone', 'data-by': piece.by }, piece.text);
}

/** Makes the elements of a change look as decided and as filtered. */
function dress(change) {
  const state = change.rejected ? 'rejected' : 'accepted';
  for (const made of change.elements) {
    made.dataset.state = state;
    made.classList.toggle('off', !change.shown);
    made.setAttribute('aria-label', `Change ${change.at + 1} of ${changes.length}, ${state}`);
  }
}

/** Adds the right-hand side, once it is asked for. */
function addOtherSide(choose) {
  for (const made of documents) {
    const rows = made.article.querySelectorAll('.row');
    if (made.twoSided) continue;
    made.twoSided = true;
    made.rows.forEach((row, at) => rows[at].append(cellElement(row, choose)));
  }
}
