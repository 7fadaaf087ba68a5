// Changes by category and rule: a bar chart whose rows are switches.

/** Builds the chart; `changed` is called when another set of changes is shown. */
function showFilter(tree, changed) {
  const categories = byCategory();
  const most = Math.max(0, ...categories.map((category) => category.count));
  const boxes = [];
  const apply = () => {
    const on = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    for (const change of changes) {
      change.shown = change.rules.some((rule) => on.has(rule.name));
      dress(change);
    }
    changed();
  };
  const list = element('ul', { class: 'tree' });
  for (const category of categories) {
    const own = [];
    const whole = checkbox(category.name, () => {
      for (const box of own) box.checked = whole.checked;
      apply();
    });
    const rules = element('ul', {});
    for (const [name, count] of category.rules) {
      const box = checkbox(name, () => {
        const on = own.filter((box) => box.checked).length;
        whole.checked = on > 0;
        whole.indeterminate = on > 0 && on < own.length;
        apply();
      });
      own.push(box);
      rules.append(element('li', {}, row(box, name, count, most)));
    }
    boxes.push(...own);
    const item = element('li', {}, row(whole, category.name, category.count, most));
    item.firstChild.classList.add('category');
    list.append(item);
    item.append(rules);
  }
  tree.append(categories.length > 0 ? list : element('p', { class: 'quiet' }, 'No changes.'));
}

/** The categories with their rules, the most frequent first. A change counts once for each of its rules. */
function byCategory() {
  const categories = new Map();
  for (const change of changes) {
    const met = new Set();
    for (const rule of change.rules) {
      let category = categories.get(rule.category);
      if (!category) categories.set(rule.category, (category = { name: rule.category, count: 0, rules: new Map() }));
      if (!met.has(category)) category.count += 1;
      met.add(category);
      category.rules.set(rule.name, (category.rules.get(rule.name) ?? 0) + 1);
    }
  }
  const order = (one, other) => other[1] - one[1] || (one[0] < other[0] ? -1 : 1);
  return [...categories.values()]
    .sort((one, other) => order([one.name, one.count], [other.name, other.count]))
    .map((category) => ({ ...category, rules: [...category.rules].sort(order) }));
}

function checkbox(value, heard) {
  const box = element('input', { type: 'checkbox', value, on: { change: heard } });
  box.checked = true;
  return box;
}

function row(box, name, count, most) {
  return element('label', {}, box, element('span', { class: 'label' }, ...breakable(name)), bar(count, most), element('span', { class: 'count' }, number.format(count)));
}
