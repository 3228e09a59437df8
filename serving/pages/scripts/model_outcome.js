// One outcome on the model card: what it is, how far to trust it, how it did.

import { calibrationFigure } from "./calibration_chart.js";
import { decisionFigure } from "./decision_chart.js";
import { h } from "./dom.js";
import { reasonWords } from "./facts.js";
import { countWords, decimal, share, sizeSuffices } from "./measured.js";
import { centers, figures, gains } from "./model_figures.js";
import { groups } from "./model_groups.js";
import { horizons, onlyHorizon } from "./model_horizons.js";
import { hundredfold } from "./numbers.js";
import { facts, served, servedText } from "./served.js";
import { outcomeName } from "./wording.js";

const SIGNS = { "internally validated": "✓", "not validated locally": "!", "published evidence only": "○" };
const WITHOUT_EVIDENCE = ["ridge", "xgboost"];

/**
 * Draw an outcome.
 * @param {object} outcome of the card
 * @param {object} card
 * @param {object} form as GET /form describes it: names of fields
 * @param {import("./texts.js").Texts} texts
 */
export function outcomeParts(outcome, card, form, texts) {
  const say = (key, values) => texts.say(`model.outcome.${key}`, values);
  return [
    status(outcome, texts),
    updated(outcome.update, texts),
    h("p.definition", {}, h("strong", {}, say("event")), " ", served(`server.outcomes.${outcome.name}.definition`, outcome.definition, texts)),
    outcome.competing && h("p", {}, h("strong", {}, say("competing")), " ", served(`model.competing.${outcome.name}`, outcome.competing, texts)),
    outcome.given && among(outcome, card, texts),
    facts(
      ...(card.cohort.trained ? counts(outcome, say, texts) : []),
      onlyHorizon(outcome, card, texts),
      [say("weight"), weight(outcome, texts)],
      [say("method"), texts.say(`model.methods.${outcome.method}`, {}, outcome.method), "long"],
    ),
    notes(outcome, texts),
    onlyHorizon(outcome, card, texts)[1] === null && horizons(outcome, card, texts),
    validation(outcome, form, texts),
    size(outcome.sample_size, texts),
    stability(outcome.instability, texts),
    remarks(outcome, texts),
  ];
}

/** In whom the outcome can come, and what the risk of all depends on besides. */
function among({ name, given }, card, texts) {
  const named = (other) => outcomeName(card.outcomes.find((each) => each.name === other) ?? { name: other, title: other }, texts);
  const outcomes = [...new Set([given.outcome, given.plus])].filter(Boolean).map(named).join(", ");
  return h("p", {}, h("strong", {}, texts.say("model.outcome.among")), " ", served(`server.among.${name}`, given.words, texts), ". ",
    texts.say("model.outcome.combined", { outcomes }));
}

function status(outcome, texts) {
  return h("div.status", { "data-status": outcome.status },
    h("p", {}, h("strong", {}, h("span", { "aria-hidden": "true" }, SIGNS[outcome.status] ?? "·"), " ", texts.say(`statuses.${outcome.status}`, {}, outcome.status)), " ",
      texts.say(`model.statuses.${outcome.status}`, {}, "")),
    outcome.status_reasons.length > 0 && h("ul", {}, reasonWords(outcome.status_facts, outcome.status_reasons, texts).map((reason) => h("li", {}, reason))));
}

/** How a released model was changed for the patients that all figures are of. */
function updated(update, texts) {
  if (!update) return null;
  const kind = texts.say(`model.updates.${update.kind}`, {}, update.kind);
  return h("div", {}, h("p", {}, h("strong", {}, texts.say("model.updates.title")), " ", texts.say("model.updates.words", { kind, cohort: update.cohort })),
    h("ul", {}, update.tests.map((test) => h("li", {}, served("", test, texts)))));
}

function weight(outcome, texts) {
  if (WITHOUT_EVIDENCE.includes(outcome.method)) return texts.say("model.weight.none");
  if (outcome.method === "published" && outcome.evidence_weight === 0) return texts.say("model.weight.unknown");
  return texts.say("model.weight.share", { share: share(outcome.evidence_weight, texts) });
}

/** What the reader must know of the evidence and of the interval. */
function notes(outcome, texts) {
  const found = { evidence_note: outcome.evidence_fact, interval_note: outcome.interval_fact };
  return Object.keys(found).filter((name) => outcome[name]).map((name) => h("p", {}, h("strong", {}, texts.say(`model.remarks.${name}`), ":"), " ",
    reasonWords([found[name]].filter(Boolean), [outcome[name]], texts)));
}

function counts(outcome, say, texts) {
  return [
    [say("infusions"), texts.number(outcome.n_infusions)],
    [say("events"), countWords(outcome.n_events, texts)],
    [say("competing_events"), outcome.competing && countWords(outcome.n_competing, texts)],
  ];
}

function validation(outcome, form, texts) {
  const headline = outcome.assessment.horizon_days;
  const title = h("h3", {}, texts.say("model.validation.title"));
  if (headline === null) return [title, h("p", {}, texts.say("model.validation.none"))];
  const name = outcomeName(outcome, texts);
  const charts = [
    outcome.calibration && calibrationFigure(outcome.calibration, name, texts),
    outcome.decision_curve && decisionFigure(outcome.decision_curve, name, texts),
  ].filter(Boolean);
  return [
    title,
    h("p.note", {}, texts.say("model.validation.how")),
    h("div.measures", {},
      h("div.columns", {}, figures(outcome, headline, texts), gains(outcome.paired, texts)),
      h("div.charts", {}, charts.length ? charts : h("p.note", {}, texts.say("model.validation.no_charts")))),
    centers(outcome.by_center, outcome.center_notes, texts),
    groups(outcome.by_subgroup, form, texts),
  ];
}

function size(found, texts) {
  if (!found) return null;
  const say = (key, values) => texts.say(`model.size.${key}`, values);
  const values = {
    n: texts.number(found.n), events: texts.number(found.events), n_needed: texts.number(found.n_needed),
    events_needed: texts.number(Math.ceil(found.events_needed)), parameters: texts.number(found.parameters),
  };
  return h("div", {}, h("h4", {}, say("title")),
    h("p", {}, say("needed", values), " ", h("strong", {}, say(sizeSuffices(found) ? "enough" : "small"))));
}

function stability(found, texts) {
  if (!found || found.value === null) return null;
  const points = (value) => decimal(hundredfold(value), 0, texts);
  const values = { median: points(found.value), low: points(found.low), high: points(found.high) };
  return h("div", {}, h("h4", {}, texts.say("model.stability.title")), h("p", {}, texts.say("model.stability.words", values)));
}

function remarks(outcome, texts) {
  const said = ["censoring", "grading"].filter((name) => outcome[name]);
  const decisions = Object.entries(outcome.counts);
  if (!said.length && !decisions.length) return null;
  return h("details", {}, h("summary", {}, texts.say("model.remarks.title")),
    facts(...said.map((name) => [texts.say(`model.remarks.${name}`), served("", outcome[name], texts)])),
    decisions.length > 0 && h("h4", {}, texts.say("model.remarks.counts")),
    decisions.length > 0 && h("ul", {}, decisions.map(([code, n]) => h("li", {}, served(`model.decisions.${code}`, code, texts), `: ${texts.number(n)}`))));
}

/** Title of an outcome that has no model. */
export function leftOutName(name, texts) {
  return servedText(`outcomes.${name}.short`, name, texts);
}
