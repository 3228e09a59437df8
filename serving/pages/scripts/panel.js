// Parts of the answer that are one key away: folded under their heading, and found open where they were left open.

import { h } from "./dom.js";

/**
 * Draw a folded part.
 * @param {string} name its class, and the name under which it is remembered as open
 * @param {string} title
 * @param {{keepOpen: function, beside?: Node}} context `beside` is seen while the part is folded too
 * @param {...*} children
 */
export function panel(name, title, { keepOpen, beside = null }, ...children) {
  return keepOpen(name, h(`details.card.panel.${name}`, { "data-panel": name },
    h("summary", {}, h("h3", { id: `${name}-title` }, title), beside), h("div.panel-body", {}, children)));
}

/** A link that leads to a folded part and unfolds it. */
export function panelLink(name, words) {
  const unfold = () => { document.querySelector(`[data-panel="${name}"]`).open = true; };
  return h("a", { href: `#${name}-title`, onclick: unfold }, words);
}
