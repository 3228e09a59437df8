// What the center says on the pages in its own words: name and logo, what it does at which risk, its protocols.

import { h } from "./dom.js";
import { hundredfold } from "./numbers.js";

const NONE = { name: null, logo: null, at_risk: [], protocols: [] };

/** Load the center's words; without an answer there are none. */
export async function loadOwnWords() {
  try {
    const response = await fetch("own-words", { cache: "no-store" });
    return response.ok ? await response.json() : NONE;
  } catch {
    return NONE;
  }
}

/** A text in the language of the page; where the center has none in it, the first that it has, marked as such. */
export function inLanguage(words, texts) {
  if (typeof words === "string") return words;
  if (Object.hasOwn(words, texts.language)) return words[texts.language];
  const [[language, other]] = Object.entries(words);
  return h("span", { lang: language }, other);
}

/** Name and logo, beside the name of the software; null where the center gives neither. */
export function ownBrand({ name, logo }, texts) {
  if (!name && !logo) return null;
  return h("span.own-brand", {}, logo && h("img", { src: logo, alt: "", height: 24 }), name && inLanguage(name, texts));
}

/** What the center does at the risk of an outcome: the highest threshold that the risk has reached. */
export function atRisk(outcome, { ownWords = NONE, texts }) {
  const reached = ownWords.at_risk
    .filter((each) => each.outcome === outcome.name && hundredfold(outcome.risk) >= each.from_percent)
    .sort((one, other) => other.from_percent - one.from_percent);
  if (!reached.length) return null;
  const [{ words, link, from_percent: from }] = reached;
  return h("p.own-words", {}, h("strong", {}, texts.say("own_words.at_risk", { from: texts.number(from) })), " ", inLanguage(words, texts), " ",
    link && h("a", { href: link, target: "_blank", rel: "noreferrer noopener" }, texts.say("own_words.more")));
}

/** Links to the center's protocols; null where there are none. */
export function protocols({ ownWords = NONE, texts }) {
  const links = ownWords.protocols.map(({ title, link }) => h("li", {}, h("a", { href: link, target: "_blank", rel: "noreferrer noopener" }, inLanguage(title, texts))));
  return links.length ? h("div.own-words", {}, h("h4", {}, texts.say("own_words.protocols")), h("ul", {}, links)) : null;
}
