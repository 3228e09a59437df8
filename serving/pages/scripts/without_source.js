// The risk without any one published source: how much of it hangs on a single study.

import { h } from "./dom.js";
import { ofHundred } from "./numbers.js";
import { sourceLinks } from "./sources.js";

const FIRST = 5;

/** Sources without which the risk is another as it is shown, in the order of the service. */
export function movingSources(outcome, texts) {
  const shown = ofHundred(outcome.risk, texts);
  return (outcome.without_source ?? []).filter(({ risk }) => ofHundred(risk, texts) !== shown);
}

/**
 * Draw the list of one outcome; null where no single source changes the risk.
 * @param {object} outcome of an answer
 * @param {{texts: object, keepOpen: function}} context
 */
export function withoutSource(outcome, { texts, keepOpen }) {
  const moving = movingSources(outcome, texts);
  if (!moving.length) return null;
  const rest = moving.slice(FIRST);
  const list = (some) => h("ul", {}, some.map((each) => h("li", {}, line(each, texts))));
  return h("div.without-source", {},
    h("h5", {}, texts.say(outcome.among ? "without_source.title_all" : "without_source.title")),
    list(moving.slice(0, FIRST)),
    rest.length > 0 && keepOpen(`without-${outcome.name}`, h("details.more", {},
      h("summary", {}, texts.count("without_source.more", rest.length)), list(rest))));
}

/** "Without 10.1182/blood.2020009515: 31 of 100", its source a link. */
function line({ sources, risk }, texts) {
  const [before, after] = texts.say("without_source.line", { risk: ofHundred(risk, texts) }).split("{source}");
  return [before, h("span", { lang: "en" }, sourceLinks(sources)), after];
}
