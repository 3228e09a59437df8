// One outcome in a strip: number, interval on the shared line, what may be claimed of it, and the strongest reasons.

import { chip, isWeak, readAsAverage } from "./chips.js";
import { h } from "./dom.js";
import { familyOf, pointAt, statesAt } from "./families.js";
import { ofHundred, percent, range } from "./numbers.js";
import { comparators, details } from "./outcome_card.js";
import { atRisk } from "./own_words.js";
import { plot, statesPlot } from "./plot.js";
import { productRates } from "./product_rates.js";
import { strongest } from "./reasons.js";
import { stateList, stateLook, statesSentence } from "./states.js";
import { staleUse } from "./value_age.js";
import { fieldLabel, horizon, outcomeName } from "./wording.js";

/**
 * Draw one main outcome.
 * @param {object} outcome of an answer
 * @param {object} context texts, form, entries, answer, widest, keepOpen
 */
export function strip(outcome, context) {
  const { texts, answer } = context;
  const id = `outcome-${outcome.name}`;
  const family = familyOf(outcome, answer);
  const weak = isWeak(outcome, answer);
  const why = weak ? readAsAverage(outcome, context) : strongest(outcome, context);
  return h("article.outcome", { "aria-labelledby": id, "data-outcome": outcome.name, "data-weak": weak },
    h("header", {}, h("h3", { id }, outcomeName(outcome, texts)), h("p.quiet", {}, texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) }))),
    headline(outcome, texts),
    family ? becomes(outcome, family, context) : onLine(outcome, context),
    chip(outcome, context),
    h("p.in-short", {}, why),
    staleUse(outcome, context),
    nearCut(outcome, context),
    atRisk(outcome, context),
    productRates(outcome, context),
    details(outcome, context));
}

/** Where a small change of one value would move the risk far: what it would be. */
function nearCut(outcome, { texts, form, answer }) {
  const near = (answer.close_to_cut ?? []).filter((each) => each.outcome === outcome.name);
  const words = near.map(({ field, value, risk }) => texts.say("reasons.close_to_cut", {
    field: fieldLabel(field, form.fields[field], texts), value: `${texts.number(value)} ${texts.unit(form.fields[field].unit, value)}`.trim(), risk: ofHundred(risk, texts),
  }));
  return words.length > 0 && h("p.close-to-cut", {}, h("span", { "aria-hidden": "true" }, "▲ "), words.join(" "));
}

export function headline(outcome, texts) {
  const { low, high, level } = outcome.interval;
  return h("p.headline", {},
    h("strong.risk.number", {}, ofHundred(outcome.risk, texts)), h("span.of-hundred", {}, ` ${texts.say("page.of_100")}`),
    h("span.range", { title: texts.say("page.interval", { level: percent(level) }) }, range(low, high, texts)));
}

/** Comparators of an answer: the average, of the cohort or published, and EASIX. */
function others(outcome, { texts, answer }) {
  return comparators(outcome, texts, { published: !(answer.cohort?.trained ?? true) });
}

/** The risk on the line, in words for those who do not see it. */
export function onLine(outcome, context) {
  const { texts } = context;
  const { low, high } = outcome.interval;
  const found = others(outcome, context);
  const words = [`${ofHundred(outcome.risk, texts)} ${texts.say("page.of_100")}, ${range(low, high, texts)}`, ...found.map((other) => other.words)];
  return h("figure.compare", {}, plot({ risk: outcome.risk, low, high }, found, words.join("; ")));
}

/** What becomes of a hundred patients: all states of the family on the line, and each with its number and interval. */
function becomes(outcome, family, context) {
  const { texts, answer } = context;
  const point = pointAt(family, outcome.horizon_days);
  const states = statesAt(point, family).map((state, place) => ({ ...state, look: stateLook(state, place) }));
  return h("figure.becomes", {}, statesPlot(states, others(outcome, context), statesSentence(point, family, answer, texts)),
    h("figcaption", {}, stateList(states, family, context)));
}
