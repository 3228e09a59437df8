// What is behind the number of one outcome: icons, comparisons, reasons, definition, training cohort.

import { h } from "./dom.js";
import { familyOf } from "./families.js";
import { reasonWords } from "./facts.js";
import { iconArray } from "./icons.js";
import { ofHundred, percent } from "./numbers.js";
import { reasons } from "./reasons.js";
import { withoutSource } from "./without_source.js";
import { fieldLabel, horizon } from "./wording.js";

/** Everything behind the number of an outcome, folded: icons, comparisons, all reasons, definition and evidence. */
export function details(outcome, context) {
  const { texts, answer, keepOpen } = context;
  const by = texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) });
  return keepOpen(`details-${outcome.name}`, h("details.more-about", {},
    h("summary", {}, texts.say("page.details")),
    h("div.about-outcome", {},
      h("div.about-column", {},
        familyOf(outcome, answer) ? null : hundred(outcome, by, texts),
        compared(outcome, context), standing(outcome, context)),
      why(outcome, context))));
}

function hundred(outcome, by, texts) {
  const words = bothSides(outcome, by, texts);
  return h("figure.hundred", {}, iconArray(outcome.risk, words), h("figcaption", {}, words));
}

/** What the risk is compared with, in words. */
export function compared(outcome, { texts, answer, form }) {
  const others = comparators(outcome, texts, { published: !(answer.cohort?.trained ?? true) });
  const words = [...others.map((other) => other.words), noEasix(outcome, texts), ...noScores(outcome, { texts, form })].filter(Boolean).join(" ");
  return words ? h("p.compared.quiet", {}, words) : null;
}

/** Why: the reasons, and how far the risk depends on single sources. */
export function why(outcome, context) {
  return h("section.why", {}, h("h4", {}, context.texts.say("reasons.title")), reasons(outcome, context), noCut(outcome, context), withoutSource(outcome, context));
}

/** That no value is close to a cut; of main outcomes, whose values are tried. */
function noCut({ name, main }, { texts, answer }) {
  const none = main && answer.close_to_cut && !answer.close_to_cut.some(({ outcome }) => outcome === name);
  return none ? h("p.quiet.no-cut", {}, texts.say("reasons.no_cut")) : null;
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
  const scores = (outcome.scores ?? []).filter(({ risk }) => risk !== null).map(({ title, points, risk }) => ["score", risk, { title, points }]);
  return [...found, ...scores].map(([kind, risk, facts = {}]) => ({
    risk, text: texts.say(`comparators.${kind}`, { risk: ofHundred(risk, texts), ...facts }),
    words: texts.say(`comparators.${kind}_words`, { risk: ofHundred(risk, texts), ...facts }),
  }));
}

function noEasix(outcome, texts) {
  return outcome.easix && outcome.easix.risk === null ? texts.say("comparators.no_easix") : "";
}

/** What each other score lacks, where it cannot be computed. */
function noScores(outcome, { texts, form }) {
  return (outcome.scores ?? []).filter(({ risk }) => risk === null).map(({ title, inputs }) =>
    texts.say("comparators.no_score", { title, fields: inputs.map((name) => fieldLabel(name, form.fields[name], texts)).join(", ") }));
}

/** Definition, cohort, evidence and the reasons of the status. */
export function standing(outcome, { texts }) {
  const reasonsOfStatus = reasonWords(outcome.status_facts, outcome.status_reasons ?? [], texts).map((reason) => h("li", {}, reason));
  return h("div.standing", {},
    h("p", {}, h("span.status", { "data-status": outcome.status }, texts.say(`statuses.${outcome.status}`, {}, outcome.status)), reasonsOfStatus.length > 0 && ":"),
    reasonsOfStatus.length > 0 && h("ul", {}, reasonsOfStatus),
    h("dl", {},
      h("dt", {}, texts.say("page.definition")), h("dd", {}, texts.say(`server.outcomes.${outcome.name}.definition`, {}, outcome.definition)),
      h("dt", {}, texts.say("page.training")),
      h("dd", {}, training(outcome, texts)),
      h("dt", {}, texts.say("page.weight")), h("dd", {}, weight(outcome, texts))));
}

function training({ n_infusions: infusions, n_headline_events: events, horizon_days: days }, texts) {
  return texts.say("page.training_numbers", { infusions: infusions ?? 0, events: events ?? (infusions ? "–" : 0), by: texts.say("page.by", { horizon: horizon(days, texts) }) });
}

/** How far the published effects are followed; where none are, that, and whether rates of products are published. */
export function weight({ evidence_weight: share, contributions, n_infusions: infusions }, texts) {
  const without = infusions ? "" : "_without_cohort";
  if (percent(share) === 100) return texts.say("page.weight_all");
  if (share > 0) return texts.say(`page.weight_words${without}`, { weight: percent(share) });
  // The share is of effects. What is published beside them are rates of products.
  const rates = contributions.some((row) => row.published !== 0);
  return texts.say(rates ? "page.weight_rates" : `page.weight_none${without}`);
}
