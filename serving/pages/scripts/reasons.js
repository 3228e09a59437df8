// Why: what each field adds to the log-odds, its published and its local part apart, strongest first.

import { h, svg } from "./dom.js";
import { riskWords } from "./families.js";
import { expit, logit, ofHundred, percent, points } from "./numbers.js";
import { served } from "./served.js";
import { sourceLink } from "./sources.js";
import { horizon, outcomeName, rowLabel, typedValue } from "./wording.js";

const FIRST = 6;
const NEGLIGIBLE = 0.005;
const LEAST_SPAN = 0.8;
const WIDTH = 200;
const MIDDLE = WIDTH / 2;

/** The risk that the contributions add up to: of those who can have the outcome, where not everybody can. */
export function explained(outcome) {
  return outcome.among?.risk ?? outcome.risk;
}

/** That risk if a field contributed nothing. */
export function riskWithout(outcome, contribution) {
  return expit(logit(explained(outcome)) - contribution.log_odds);
}

/** Largest part that any bar of an answer shows: one scale for all outcomes, so that bars compare. */
export function span(answer) {
  const parts = answer.outcomes.flatMap((outcome) =>
    outcome.contributions.flatMap((row) => [row.log_odds, row.published, row.local].map(Math.abs)));
  return Math.max(LEAST_SPAN, ...parts);
}

/**
 * Draw the reasons of one outcome.
 * @param {object} outcome of an answer
 * @param {{texts: object, form: object, entries: object, widest: number, keepOpen: function}} context
 */
export function reasons(outcome, context) {
  const { texts, keepOpen } = context;
  const moving = outcome.contributions.filter((row) => Math.abs(row.log_odds) >= NEGLIGIBLE);
  if (!moving.length) return [amongWhom(outcome, context), h("p.quiet", {}, texts.say("reasons.none"))];
  const draw = (row) => reason(outcome, row, context);
  const rest = moving.slice(FIRST);
  return h("div.reasons", {}, amongWhom(outcome, context),
    h("ol.reason-list", {}, moving.slice(0, FIRST).map(draw)),
    rest.length > 0 && keepOpen(`reasons-${outcome.name}`, h("details.more", {},
      h("summary", {}, texts.count("reasons.more", rest.length)),
      h("ol.reason-list", {}, rest.map(draw)))));
}

/** In whom the reasons explain the risk, and what the risk of all depends on besides; null where everybody can have it. */
function amongWhom(outcome, { texts, answer }) {
  const { among } = outcome;
  if (!among) return null;
  const named = (name) => outcomeName(answer.outcomes.find((other) => other.name === name) ?? { name, title: name }, texts);
  const outcomes = [...new Set([among.outcome, among.plus])].filter(Boolean).map(named).join(", ");
  const [before, after] = texts.say("reasons.among", {
    by: texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) }), risk: ofHundred(among.risk, texts),
  }).split("{patients}");
  return h("p.among", {}, before, served(`server.among.${outcome.name}`, among.words, texts), after, " ",
    h("span.quiet", {}, texts.say("reasons.combined", { risk: riskWords(outcome, answer, texts), outcomes })));
}

function reason(outcome, row, context) {
  const { texts, form, widest, keepOpen } = context;
  const value = known(row, context);
  // Of the whole percents that are told, so that both say the same.
  const change = points((percent(explained(outcome)) - percent(riskWithout(outcome, row))) / 100);
  return h("li.reason", { "data-field": row.field },
    h("p.reason-head", {},
      h("span.reason-name", {}, rowLabel(row, form, texts), " ", h("span.reason-value", {}, value)),
      h("span.reason-change.number", { "aria-hidden": "true" }, change)),
    bars(row, widest),
    h("p.unseen", {}, inWords(outcome, row, texts)),
    row.sources.length > 0 && keepOpen(`sources-${outcome.name}-${row.field}`, sources(row, texts)));
}

/** The patient's value; of a composite whether all its inputs are known. */
function known(row, { texts, form, entries, answer }) {
  if (row.inputs.length) return row.inputs.some((name) => answer.missing.includes(name)) ? texts.say("form.unknown") : "";
  if (row.value === null) return texts.say("form.unknown");
  return typedValue(row.field, form.fields[row.field], entries[row.field], texts) || ownValue(row, texts);
}

/** A value that was derived, not typed. */
function ownValue(row, texts) {
  return typeof row.value === "number" ? `${texts.number(row.value, 3)} ${texts.unit(row.unit)}` : String(row.value);
}

function bars(row, widest) {
  const length = (part) => (Math.abs(part) / widest) * MIDDLE;
  const from = (part) => (part < 0 ? MIDDLE - length(part) : MIDDLE);
  const total = MIDDLE + (row.log_odds / widest) * MIDDLE;
  return svg("svg.bars", { viewBox: `0 0 ${WIDTH} 18`, "aria-hidden": "true", preserveAspectRatio: "none" },
    svg("line.zero", { x1: MIDDLE, x2: MIDDLE, y1: 0, y2: 18 }),
    svg("rect.published", { x: from(row.published), y: 2, width: length(row.published), height: 6 }),
    svg("rect.local", { x: from(row.local), y: 10, width: length(row.local), height: 6 }),
    svg("line.total", { x1: total, x2: total, y1: 0, y2: 18 }));
}

function inWords(outcome, row, texts) {
  const two = (value) => new Intl.NumberFormat(texts.language, { maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(value).replace("-", "−");
  return texts.say(row.log_odds > 0 ? "reasons.raises" : "reasons.lowers", {
    now: ofHundred(explained(outcome), texts), without: ofHundred(riskWithout(outcome, row), texts),
    total: two(row.log_odds), published: two(row.published), local: two(row.local),
  });
}

function sources(row, texts) {
  return h("details.sources", {}, h("summary", {}, texts.count("reasons.sources", row.sources.length)),
    h("ul", {}, row.sources.map((source, position) => h("li", {}, sourceLink(source), studied(row.studied?.[position])))));
}

/** Patients, disease and product that a source studied, in English as the evidence files word them. */
function studied(words) {
  return words ? h("span.quiet", { lang: "en" }, `: ${words}`) : null;
}
