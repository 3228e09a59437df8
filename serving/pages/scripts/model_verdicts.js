// What may be done with each risk: one row an outcome, verdict first, with the figures behind it.

import { table, wide } from "./chart_parts.js";
import { h } from "./dom.js";
import { capitalized } from "./facts.js";
import { countWords, intervalText, valueText } from "./measured.js";
import { horizon, outcomeName } from "./wording.js";

const SIGNS = { use_with_care: "◐", published_evidence_only: "○" };
const COLUMNS = ["verdict", "auroc", "calibration", "events", "external", "weakest"];

/** Heading of the verdicts, and to whom they do not apply. */
export function verdictHead(title, card, texts) {
  return h("div.verdicts-head", {}, h("h2", { id: "verdicts-title" }, title),
    card.synthetic && h("p.warn", {}, texts.say("model.verdicts.synthetic")));
}

/**
 * Verdicts on the main outcomes, and those on the others folded below.
 * @param {object} card
 * @param {import("./texts.js").Texts} texts
 */
export function verdictParts(card, texts) {
  const say = (key) => texts.say(`model.verdicts.${key}`);
  const main = card.outcomes.filter((outcome) => outcome.main);
  const further = card.outcomes.filter((outcome) => !outcome.main);
  const title = texts.count("model.verdicts.further", further.length);
  return [
    verdictTable(main, say("title"), texts),
    further.length > 0 && h("details", {}, h("summary", {}, title), verdictTable(further, title, texts)),
    h("p.note", {}, say("note")),
  ];
}

/** A verdict in words, with a sign. */
export function verdictWords({ assessment }, texts) {
  const words = texts.say(`model.verdicts.words.${assessment.verdict}`, {}, assessment.verdict);
  return [h("span.sign", { "aria-hidden": "true" }, SIGNS[assessment.verdict] ?? "✕"), " ", words];
}

function verdictTable(outcomes, title, texts) {
  if (!outcomes.length) return null;
  const head = ["outcome", ...COLUMNS].map((column) => texts.say(`model.verdicts.${column}`));
  const rows = outcomes.map((outcome) => [name(outcome, texts), ...cells(outcome, head.slice(1), texts)]);
  return wide(title, h("div.verdict-table", {}, table(head, rows, title)));
}

function name(outcome, texts) {
  const days = outcome.assessment.horizon_days ?? outcome.headline_days;
  return [h("a.name", { href: `#outcome-${outcome.name}` }, outcomeName(outcome, texts)),
    h("span.note", {}, texts.say("page.by", { horizon: horizon(days, texts) }))];
}

/** Cells with their column's name in front, for screens too narrow for columns. */
function cells(outcome, names, texts) {
  const drawn = { verdict, auroc, calibration, events, external, weakest };
  return COLUMNS.map((column, place) => [h("span.column", { "aria-hidden": "true" }, names[place]), drawn[column](outcome, texts)]);
}

function verdict(outcome, texts) {
  return h("div", {}, h("p.verdict", { "data-verdict": outcome.assessment.verdict }, verdictWords(outcome, texts)),
    h("p.note", {}, groundWords(outcome, texts)));
}

/** Why the verdict is what it is: one sentence. */
export function groundWords({ assessment, sample_size }, texts) {
  const size = sample_size ? { n: texts.number(sample_size.n), n_needed: texts.number(sample_size.n_needed) } : {};
  const words = assessment.grounds.map((ground) => texts.say(`model.verdicts.grounds.${ground}`, size, ""));
  const known = words.filter((each) => each && !each.includes("{"));
  return known.length ? `${capitalized(known.join("; "))}.` : "";
}

/** Figures at the horizon that was judged. */
function figuresOf({ assessment, metrics }) {
  return metrics[assessment.horizon_days] ?? {};
}

function auroc(outcome, texts) {
  return figure("auroc", figuresOf(outcome).auroc, "", texts);
}

function calibration(outcome, texts) {
  const { observed_expected: ratio, calibration_slope: slope } = figuresOf(outcome);
  if (!ratio && !slope) return none(texts);
  return h("div.lines", {},
    figure("observed_expected", ratio, texts.say("model.verdicts.ratio"), texts),
    figure("calibration_slope", slope, texts.say("model.verdicts.slope"), texts));
}

/** Events at the horizon that was judged; a card of an earlier bundle has those of the last horizon alone. */
function events({ assessment, horizon_counts, n_events, n_infusions }, texts) {
  if (!n_infusions) return none(texts);
  const known = assessment.n_events ?? (Object.keys(horizon_counts ?? {}).length ? null : n_events);
  return h("div", {}, h("strong", {}, countWords(known, texts)),
    h("span.note", {}, texts.count("model.verdicts.of", n_infusions)));
}

function external({ update }, texts) {
  if (!update) return h("span", {}, texts.say("model.verdicts.internal"));
  return h("div", {}, h("span", {}, texts.say("model.verdicts.updated")), h("span.note", {}, update.cohort));
}

function weakest({ assessment, by_center }, texts) {
  const { auroc: discriminating, observed_expected: calibrated } = assessment.weakest_centers;
  const lines = [["auroc", discriminating, "AUROC"], ["observed_expected", calibrated, texts.say("model.verdicts.ratio")]].filter(([, center]) => center !== null);
  if (!lines.length) return none(texts);
  return h("div.lines", {}, lines.map(([measure, center, short]) =>
    figure(measure, by_center[center].metrics[measure], `${texts.say("model.centers.center", { n: center })}: ${short}`, texts)));
}

/** A figure after its name, over its interval. */
function figure(measure, measured, label, texts) {
  const value = valueText(measure, measured?.value, texts);
  if (value === "–") return label ? h("div", {}, `${label} `, value) : none(texts);
  const interval = intervalText(measure, measured, texts);
  return h("div", {}, label && `${label} `, h("strong", {}, value), interval !== "–" && h("span.note", {}, interval));
}

function none(texts) {
  return h("span.note", {}, texts.say("model.verdicts.not_measured"));
}
