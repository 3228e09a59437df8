// Sections of the model card that fold: they open by click, by a link or fragment, by find-in-page, and for print.

import { h } from "./dom.js";

/**
 * A section with a heading that is always in sight and parts that fold.
 * @param {{id: string, title: string, hint: string|null, shown: any}} section hint: what is in it, in a few words
 * @param {boolean} open
 * @returns {HTMLElement}
 */
export function foldedSection({ id, title, hint, shown }, open) {
  return h("details.card", { id, open },
    h("summary", {}, h("h2", { id: `${id}-title` }, title), hint && h("span.hint", {}, hint)),
    h("div.inside", {}, shown));
}

/** Sections of an element that are open, by id. */
export function openSections(root) {
  return new Set(sectionsOf(root).filter((section) => section.open).map((section) => section.id));
}

/** Open or fold every section. */
export function foldAll(root, open) {
  for (const section of sectionsOf(root)) section.open = open;
}

/**
 * Open what an id names with all around it, and move the focus there.
 * @param {string} id
 * @returns {boolean} whether there is such a part
 */
export function reveal(id) {
  const part = id ? document.getElementById(id) : null;
  if (!part) return false;
  for (let around = part.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
  const place = part.matches("details") ? part.querySelector("summary") : part;
  part.scrollIntoView();
  place.focus({ preventScroll: true });
  return true;
}

/** Follow links to parts of the page and changes of its fragment. */
export function followFragments() {
  const wanted = () => decodeURIComponent(location.hash.slice(1));
  addEventListener("hashchange", () => reveal(wanted()));
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#"]');
    // A fragment that does not change is no event.
    if (link && link.hash === location.hash && reveal(wanted())) event.preventDefault();
  });
  return () => reveal(wanted());
}

/** Open everything while the page is printed. */
export function openForPrint(root) {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...root.querySelectorAll("details:not([open])")];
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
  });
}

function sectionsOf(root) {
  return [...root.children].filter((part) => part.matches("details"));
}
