// What both kinds of page use.

/** An element with properties and children. Strings become text nodes, never markup. */
function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === 'class') made.className = value;
    else if (key === 'on') for (const [event, heard] of Object.entries(value)) made.addEventListener(event, heard);
    else if (typeof value === 'boolean') made.toggleAttribute(key, value);
    else if (value !== undefined) made.setAttribute(key, value);
  }
  made.append(...children);
  return made;
}

const byId = (id) => document.getElementById(id);

const number = new Intl.NumberFormat('en');

/** `1 change`, `2 changes`. */
function counted(count, what) {
  return `${number.format(count)} ${what}${count === 1 ? '' : 's'}`;
}

/** The page's own data. */
function pageData() {
  return JSON.parse(byId('page').textContent);
}

/** A bar as long as `count` is of `most`. The number beside it says the same to those who cannot see it. */
function bar(count, most) {
  const made = element('span', { class: 'bar', 'aria-hidden': 'true' });
  made.style.setProperty('--share', most > 0 ? count / most : 0);
  return made;
}

/** A name that may be broken behind its slashes and hyphens. */
function breakable(name) {
  return name.split(/(?<=[/-])/).flatMap((part, at) => (at === 0 ? [part] : [element('wbr'), part]));
}

/** A text as one line, with line ends made visible. */
function oneLine(text) {
  return text.replace(/\s*\n\s*/g, ' ⏎ ');
}

/** A text cut to about `room` characters, at a whole character. */
function shortened(text, room) {
  const characters = Array.from(text.slice(0, 2 * room + 2));
  return characters.length > room ? `${characters.slice(0, room).join('')}…` : text;
}
