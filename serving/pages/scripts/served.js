// What the service says in English: in the chosen language where the texts have it, else as it is and marked as English.

import { h } from "./dom.js";

/**
 * A text of the service.
 * @param {string} key where its translation would be; "" where there is none
 * @param {string} said by the service, in English
 * @param {import("./texts.js").Texts} texts
 * @returns {string|HTMLElement}
 */
export function served(key, said, texts) {
  if (key && texts.has(key)) return texts.say(key);
  return texts.language === "en" ? said : h("span", { lang: "en" }, said);
}

/** The text of `served` where only a string will do. */
export function servedText(key, said, texts) {
  return texts.say(key, {}, said);
}

/**
 * Links to the sections of a page.
 * @param {Array<{id: string, title: string}>} sections
 * @returns {HTMLElement}
 */
export function contentsList(sections) {
  return h("ol", {}, sections.map(({ id, title }) => h("li", {}, h("a", { href: `#${id}` }, title))));
}

/** A section with a heading, as it stands in the list of contents. */
export function section(id, title, ...children) {
  return h("section.card", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), children);
}

/** Names and values; those without a value are left out, and a third "long" gives one a line of its own. */
export function facts(...pairs) {
  return h("dl.facts", {}, pairs.filter(([, value]) => value !== null && value !== undefined && value !== false && value !== "")
    .map(([name, value, length = ""]) => h("div", { class: length || null }, h("dt", {}, name), h("dd", {}, value))));
}

/** The first letters of a digest, enough to tell two models apart: "sha256:ab12…" is "ab12…". */
export function shortDigest(digest, letters = 12) {
  const plain = digest.replace(/^sha256:/, "");
  return plain.length > letters ? `${plain.slice(0, letters)}…` : plain;
}
