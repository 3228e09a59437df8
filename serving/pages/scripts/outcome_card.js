// One outcome: the risk in numbers, in icons and on a scale, and why.

import { h } from "./dom.js";
import { familyOf } from "./families.js";
import { reasonWords } from "./facts.js";
import { iconArray } from "./icons.js";
import { ofHundred, percent, range } from "./numbers.js";
import { productRates } from "./product_rates.js";
import { reasons } from "./reasons.js";
import { scale } from "./scale.js";
import { statesFigure } from "./states.js";
import { withoutSource } from "./without_source.js";
import { horizon, outcomeName } from "./wording.js";

/**
 * Draw one outcome of an answer.
 * @param {object} outcome
 * @param {object} context texts, form, entries, answer, widest, keepOpen
 */
export function outcomeCard(outcome, context) {
  const { texts, keepOpen } = context;
  const name = outcomeName(outcome, texts);
  const by = texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) });
  const id = `outcome-${outcome.name}`;
  return h("article.outcome.card", { "aria-labelledby": id, "data-outcome": outcome.name },
    h("header", {}, h("h3", { id }, name), h("p.quiet", {}, by)),
    h("div.numbers", {}, headline(outcome, texts), productRates(outcome, context)),
    hundred(outcome, by, context),
    comparison(outcome, context),
    why(outcome, context),
    keepOpen(`definition-${outcome.name}`, standing(outcome, context)));
}

/** What becomes of a hundred patients: all states of the family that the outcome leads, else both sides of its risk. */
function hundred(outcome, by, context) {
  const family = familyOf(outcome, context.answer);
  if (family) return statesFigure(outcome, family, context);
  const words = bothSides(outcome, by, context.texts);
  return h("figure.hundred", {}, iconArray(outcome.risk, words), h("figcaption", {}, words));
}

/** Why: the reasons, and how far the risk depends on single sources. */
export function why(outcome, context) {
  return h("section.why", {}, h("h4", {}, context.texts.say("reasons.title")), reasons(outcome, context), withoutSource(outcome, context));
}

function headline(outcome, texts) {
  const { low, high, level } = outcome.interval;
  return h("p.headline", {},
    h("strong.risk.number", {}, ofHundred(outcome.risk, texts)), h("span.of-hundred", {}, texts.say("page.of_100")),
    h("span.range", {}, range(low, high, texts), h("span.quiet", {}, ` ${texts.say("page.interval", { level: percent(level) })}`)));
}

/** "Expected in 100 similar patients: 21 with the event by day 30, 79 without." */
export function bothSides(outcome, by, texts) {
  const n = ofHundred(outcome.risk, texts);
  // In words where a number would say "none" or "all".
  const m = Number.isNaN(Number(n)) ? ofHundred(1 - outcome.risk, texts) : 100 - Number(n);
  return texts.say(`outcomes.${outcome.name}.sides`, { n, m, by }, texts.say("page.sides", { n, m, by }));
}

/** Comparators: the average, and the bedside index alone. */
export function comparators(outcome, texts, { published = false } = {}) {
  const found = [];
  if (outcome.cohort_average !== null) found.push([published ? "published" : "average", outcome.cohort_average]);
  if (typeof outcome.easix?.risk === "number") found.push(["easix", outcome.easix.risk]);
  return found.map(([kind, risk]) => ({
    risk, above: kind === "easix", text: texts.say(`comparators.${kind}`, { risk: ofHundred(risk, texts) }),
    words: texts.say(`comparators.${kind}_words`, { risk: ofHundred(risk, texts) }),
  }));
}

/** The risk on a scale, beside the average and EASIX. */
export function comparison(outcome, { texts, answer }) {
  const others = comparators(outcome, texts, { published: !(answer.cohort?.trained ?? true) });
  const { low, high } = outcome.interval;
  const words = [`${ofHundred(outcome.risk, texts)} ${texts.say("page.of_100")}, ${range(low, high, texts)}`, ...others.map((other) => other.words)];
  return h("figure.compare", {}, scale({ risk: outcome.risk, low, high }, others, words.join("; ")),
    h("figcaption.quiet", {}, [...others.map((other) => other.words), noEasix(outcome, texts)].filter(Boolean).join(" ")));
}

function noEasix(outcome, texts) {
  return outcome.easix && outcome.easix.risk === null ? texts.say("comparators.no_easix") : "";
}

/** The status; folded, definition, cohort and evidence. */
export function standing(outcome, { texts }) {
  const reasonsOfStatus = reasonWords(outcome.status_facts, outcome.status_reasons ?? [], texts).map((reason) => h("li", {}, reason));
  return h("details.standing", {},
    h("summary", {}, h("span.status", { "data-status": outcome.status }, texts.say(`statuses.${outcome.status}`, {}, outcome.status))),
    h("dl", {},
      h("dt", {}, texts.say("page.definition")), h("dd", {}, texts.say(`server.outcomes.${outcome.name}.definition`, {}, outcome.definition)),
      h("dt", {}, texts.say("page.training")),
      h("dd", {}, texts.say("page.training_numbers", { infusions: outcome.n_infusions ?? 0, events: outcome.n_events ?? 0 })),
      h("dt", {}, texts.say("page.weight")), h("dd", {}, weight(outcome, texts))),
    reasonsOfStatus.length > 0 && h("ul", {}, reasonsOfStatus));
}

/** How far the published effects are followed; where none are published, that. */
function weight(outcome, texts) {
  const published = outcome.contributions.some((row) => row.published !== 0);
  return texts.say(published ? "page.weight_words" : "page.weight_none", { weight: percent(outcome.evidence_weight) });
}
