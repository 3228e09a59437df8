// Published rates of a listed product that the model does not know, beside the risk of each outcome.

import { h } from "./dom.js";
import { withinSentence } from "./facts.js";
import { hundredfold } from "./numbers.js";
import { sourceLinks } from "./sources.js";
import { horizon, optionLabel, outcomeName } from "./wording.js";

export const CODE = "product_not_in_model";
const DIGITS = 3;
const ALL = "all infused";

/** The warning about the product; undefined where there is none. */
export function productWarning(answer) {
  return answer.warnings.find(({ code }) => code === CODE);
}

/** Published rates of an outcome after the product, in the order of the service. */
export function ratesOf(name, warning) {
  return warning.details.rates.filter(({ outcome }) => outcome === name);
}

/** What the model does not know, in one sentence: of all outcomes, or of those named. */
export function productSentence(answer, warning, texts) {
  const product = optionLabel("product", warning.details.product, texts);
  const unaware = answer.outcomes.filter(({ name }) => warning.details.unaware.includes(name));
  if (unaware.length === answer.outcomes.length) return texts.say("product_rates.unaware", { product });
  const outcomes = unaware.map((outcome) => withinSentence(outcomeName(outcome, texts))).join(", ");
  return texts.say("product_rates.unaware_some", { product, outcomes });
}

/** "at most 56 % of 127 by 12 months", "0 of 20 by day 30": a rate, of whom, by when. */
export function rateWords(rate, texts) {
  const values = { percent: texts.number(hundredfold(rate.rate), DIGITS), n: rate.n };
  const key = rate.events === 0 ? "no_event" : "of";
  const words = texts.say(rate.n === null ? "product_rates.rate" : `product_rates.${key}.${rate.among}`, values);
  const by = rate.horizon_days === null ? "" : ` ${texts.say("page.by", { horizon: horizon(rate.horizon_days, texts) })}`;
  return (rate.upper_bound ? texts.say("product_rates.at_most", { rate: words }) : words) + by;
}

/**
 * Draw the rates of one outcome; null where nothing is to be warned of.
 * @param {object} outcome of an answer
 * @param {{texts: object, answer: object, keepOpen: function}} context
 */
export function productRates(outcome, { texts, answer, keepOpen }) {
  const warning = productWarning(answer);
  if (!warning) return null;
  const product = optionLabel("product", warning.details.product, texts);
  const rates = ratesOf(outcome.name, warning);
  const list = h("ul", {}, rates.map((rate) => h("li", { "data-rate": rate.id }, one(rate, texts))));
  return h("section.product-rates", { "aria-labelledby": `product-${outcome.name}` },
    h("h4", { id: `product-${outcome.name}` }, texts.say(rates.length ? "product_rates.title" : "product_rates.none", { product }), span(outcome, rates, texts), beyond(outcome, rates, texts)),
    rates.length > 0 && keepOpen(`product-${outcome.name}`, h("details.more", {}, h("summary", {}, texts.count("product_rates.more", rates.length)), list)));
}

/** Rates of the event itself, of all infused patients, by the horizon of the risk: those that can be compared with it. */
function comparable(outcome, rates) {
  return rates.filter((rate) => !rate.upper_bound && rate.among === ALL && rate.horizon_days === outcome.horizon_days);
}

/** Words where the model's interval has none of the comparable rates in it; no event among a few patients is no rate outside it. */
function beyond({ interval: { low, high }, ...outcome }, rates, texts) {
  const compared = comparable(outcome, rates).filter(({ events }) => events !== 0);
  const none = compared.length > 0 && compared.every(({ rate }) => rate < low || rate > high);
  return none && h("span.beyond", {}, ` (${texts.say("product_rates.beyond")})`);
}

/** The first rate; where others that differ can be compared with it, of the same patients by the horizon of the risk, from the lowest to the highest of them. */
function span(outcome, rates, texts) {
  if (!rates.length) return "";
  const alike = rates.filter((rate) => !rate.upper_bound && rate.among === rates[0].among && rate.horizon_days === outcome.horizon_days);
  const ends = [Math.min, Math.max].map((end) => texts.number(hundredfold(end(...alike.map(({ rate }) => rate))), DIGITS));
  // Paper has the list, so a rate alone is there only once.
  if (alike.length < 2 || ends[0] === ends[1]) return h("span.only", {}, `: ${rateWords(rates[0], texts)}`);
  return `: ${texts.say("product_rates.span", { low: ends[0], high: ends[1] })}`;
}

function one(rate, texts) {
  const [cohort, ...described] = ["cohort", "population", "definition"].map((part) => stated(rate, part, texts));
  return [h("strong", {}, rateWords(rate, texts)), interval(rate, texts), " ",
    h("span.quiet", {}, cohort, h("span.studied", {}, described.map((words) => ["; ", words]), ". ", h("span", { lang: "en" }, sourceLinks(rate.sources))))];
}

function interval({ low, high }, texts) {
  if (low === null || high === null) return "";
  const ends = [low, high].map((end) => texts.number(hundredfold(end), DIGITS));
  return ` ${texts.say("product_rates.interval", { low: ends[0], high: ends[1] })}`;
}

/** A part of the study's description; in the service's English where the language has no words for it. */
export function stated(rate, part, texts) {
  const key = `server.rates.${rate.id}.${part}`;
  return texts.has(key) ? texts.say(key) : h("span", { lang: "en" }, rate[part]);
}
