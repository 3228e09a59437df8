// Elements of HTML and SVG from plain descriptions. Text is always text: nothing is ever parsed as markup.

const SVG = "http://www.w3.org/2000/svg";

/**
 * Make an element.
 * @param {string} name tag, with classes after dots: "p.note.soft"
 * @param {object} [properties] attributes; functions under "on..." are listeners; null, undefined and false are left out
 * @param {...(Node|string|number|null|false|Array)} children
 * @returns {HTMLElement}
 */
export function h(name, properties = {}, ...children) {
  return made((tag) => document.createElement(tag), name, properties, children);
}

/** Make an SVG element; as `h`. */
export function svg(name, properties = {}, ...children) {
  return made((tag) => document.createElementNS(SVG, tag), name, properties, children);
}

/** Put children in place of all that an element holds. */
export function fill(element, ...children) {
  element.replaceChildren(...flat(children));
  return element;
}

function made(create, name, properties, children) {
  const [tag, ...classes] = name.split(".");
  const element = create(tag);
  if (classes.length) element.setAttribute("class", classes.join(" "));
  for (const [key, value] of Object.entries(properties)) put(element, key, value);
  element.append(...flat(children));
  return element;
}

function put(element, key, value) {
  if (value === null || value === undefined || value === false) return;
  if (typeof value === "function") element.addEventListener(key.slice(2), value);
  else element.setAttribute(key, value === true ? "" : String(value));
}

function flat(children) {
  return children
    .flat(Infinity)
    .filter((child) => child !== null && child !== undefined && child !== false)
    .map((child) => (typeof child === "object" ? child : String(child)));
}
