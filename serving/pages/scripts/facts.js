// Reasons as the service gives them: by code and figures in the words of the language, else in its English.

import { h } from "./dom.js";

const DIGITS = 3;

/**
 * Reasons in words, without full stops; marked as English where the language has no words for one.
 * @param {{code: string, text: string, figures: Object<string, number|string>}[]} facts none in models of earlier versions
 * @param {string[]} english the same reasons in the service's English
 * @param {import("./texts.js").Texts} texts
 * @returns {(string|HTMLElement)[]}
 */
export function reasonWords(facts, english, texts) {
  return each(facts, english, texts).map(({ words, own }) => (own ? words : h("span", { lang: "en" }, words)));
}

/** The same as sentences, one after the other. */
export function reasonSentences(facts, english, texts) {
  return each(facts, english, texts).map(({ words, own }) => [" ", own ? sentence(words) : h("span", { lang: "en" }, sentence(words))]);
}

/** Words that begin with a capital letter. */
export function capitalized(words) {
  return words.charAt(0).toUpperCase() + words.slice(1);
}

/** A name within a sentence: in small letters, unless it begins with an abbreviation. */
export function withinSentence(name) {
  return /^\p{Lu}\p{Ll}/u.test(name) ? name.charAt(0).toLowerCase() + name.slice(1) : name;
}

function sentence(words) {
  return `${capitalized(words)}.`;
}

function each(facts, english, texts) {
  const known = facts?.length ? facts : english.map((text) => ({ code: "", text, figures: {} }));
  return known.map((fact) => inLanguage(fact, texts));
}

/** Words of the language where it has them and the fact has every figure of them; a metric that could not be computed has none. */
function inLanguage({ code, text, figures }, texts) {
  const written = Object.fromEntries(Object.entries(figures).map(([name, value]) => [
    name, typeof value === "number" ? texts.number(value, DIGITS).replace("-", "−") : value]));
  const known = [`server.reasons.${code}`, `server.reasons_without_figures.${code}`].map((key) => texts.say(key, written, ""));
  const words = known.find((said) => said && !/[{}]/.test(said));
  return { words: words ?? text, own: words !== undefined || texts.language === "en" };
}
