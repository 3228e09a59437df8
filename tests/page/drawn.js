// A document just large enough to draw into without a browser: elements with attributes and children.

class Drawn {
  constructor(tag) {
    this.tag = tag;
    this.attributes = {};
    this.children = [];
    this.listeners = {};
    this.dataset = {};
    this.style = {};
  }

  setAttribute(name, value) {
    this.attributes[name] = value;
  }

  addEventListener(name, listener) {
    this.listeners[name] = listener;
  }

  append(...children) {
    this.children.push(...children);
  }

  replaceChildren(...children) {
    this.children = children;
  }

  /** No element of these drawings is looked up by a selector. */
  querySelector() {
    return null;
  }

  get textContent() {
    return this.children.map((child) => (typeof child === "string" ? child : child.textContent)).join("");
  }
}

/** Stand in for the browser's document; drawing modules find it when they draw. */
export function standIn() {
  globalThis.document = {
    createElement: (tag) => new Drawn(tag),
    createElementNS: (_, tag) => new Drawn(tag),
    getElementById: () => null,
  };
}

/** All elements within what was drawn, of lists and single elements alike, itself included. */
export function everything(drawn) {
  if (Array.isArray(drawn)) return drawn.flatMap(everything);
  return drawn instanceof Drawn ? [drawn, ...drawn.children.flatMap(everything)] : [];
}

/** Text of all that was drawn. */
export function textOf(drawn) {
  if (Array.isArray(drawn)) return drawn.map(textOf).join(" ");
  return drawn instanceof Drawn ? drawn.textContent : String(drawn ?? "");
}
