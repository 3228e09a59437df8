// Why: what each field adds to the risk, its published and its local part apart, largest first.

import { h, svg } from "./dom.js";
import { riskWords } from "./families.js";
import { ofHundred, points } from "./numbers.js";
import { byLabel } from "./product_label.js";
import { explained, NEGLIGIBLE, pointsOf, reasonRows, riskWithout } from "./reason_rows.js";
import { served } from "./served.js";
import { sourceLink } from "./sources.js";
import { horizon, labelValue, outcomeName, rowLabel, typedValue } from "./wording.js";

const IN_SHORT = 3;
const FIRST = 6;
const LEAST_SPAN = 0.8;
const WIDTH = 200;
const MIDDLE = WIDTH / 2;

/** Largest part that any bar of an answer shows: one scale for all outcomes, so that bars compare. */
export function span(answer) {
  const parts = answer.outcomes.flatMap((outcome) =>
    outcome.contributions.flatMap((row) => [row.log_odds, row.published, row.local].map(Math.abs)));
  return Math.max(LEAST_SPAN, ...parts);
}

/** The strongest reasons in one line, and what is assumed for all unknown fields together. */
export function strongest(outcome, context) {
  const { texts, answer } = context;
  const { known, assumed } = reasonRows(outcome, answer);
  const parts = known.slice(0, IN_SHORT).map((row) => h("span.part", {}, change(row.points), " ", name(row, context), " ", h("span.quiet", {}, value(row, context))));
  if (assumed?.points) {
    parts.push(h("span.part", {}, change(assumed.points), " ", texts.count("reasons.assumed_short", assumed.members.length)));
  }
  if (!parts.length) return none(outcome, answer, texts);
  return parts.map((part, place) => [place > 0 && h("span.dot-between", { "aria-hidden": "true" }, " · "), part]);
}

/** Why there is no reason: the model is the same for all patients, or no field moves this risk by a point. */
function none({ name: outcome }, answer, texts) {
  const alike = answer.warnings.some(({ code, field }) => code === "no_individual_signal" && field === outcome);
  return texts.say(alike ? "reasons.none" : "reasons.small");
}

/** Points with their direction: a triangle for the eye, the sign for the ear. */
function change(whole) {
  return h(`strong.change.number.${whole > 0 ? "up" : "down"}`, {}, h("span", { "aria-hidden": "true" }, whole > 0 ? "▲ " : "▼ "), points(whole / 100));
}

/**
 * Draw the reasons of one outcome.
 * @param {object} outcome of an answer
 * @param {{texts: object, form: object, entries: object, widest: number, keepOpen: function}} context
 */
export function reasons(outcome, context) {
  const { texts, answer, keepOpen } = context;
  const { known, assumed, all } = reasonRows(outcome, answer);
  if (!all.length) return [amongWhom(outcome, context), h("p.quiet", {}, none(outcome, answer, texts))];
  const draw = (row) => reason(outcome, row, context);
  const rest = known.slice(FIRST);
  return h("div.reasons", {}, amongWhom(outcome, context), legend(texts),
    h("ol.reason-list", {}, known.slice(0, FIRST).map(draw)),
    rest.length > 0 && keepOpen(`reasons-${outcome.name}`, h("details.more", {},
      h("summary", {}, texts.count("reasons.more", rest.length)), h("ol.reason-list", {}, rest.map(draw)))),
    assumed && keepOpen(`assumed-${outcome.name}`, h("details.more.assumed", {},
      h("summary", {}, texts.count("reasons.assumed", assumed.members.length), " ", h("strong.number", {}, points(assumed.points / 100))),
      h("ul.assumed-list", {}, assumed.members.map((row) => h("li", { "data-field": row.field }, rowLabel(row, context.form, texts), " ",
        h("span.number", {}, points(pointsOf(outcome, row) / 100))))))),
    keepOpen(`log-odds-${outcome.name}`, logOdds(all, context)));
}

function legend(texts) {
  return h("p.legend.quiet", {},
    h("span.key.published", {}, texts.say("reasons.published")), h("span.key.local", {}, texts.say("reasons.local")),
    h("span.key.total", {}, texts.say("reasons.total")), h("span", {}, texts.say("reasons.note")));
}

/** In whom the reasons explain the risk, and what the risk of all depends on besides; null where everybody can have it. */
function amongWhom(outcome, { texts, answer }) {
  const { among } = outcome;
  if (!among) return null;
  const named = (other) => outcomeName(answer.outcomes.find((each) => each.name === other) ?? { name: other, title: other }, texts);
  const outcomes = [...new Set([among.outcome, among.plus])].filter(Boolean).map(named).join(", ");
  const [before, after] = texts.say("reasons.among", {
    by: texts.say("page.by", { horizon: horizon(outcome.horizon_days, texts) }), risk: ofHundred(among.risk, texts),
  }).split("{patients}");
  return h("p.among", {}, before, served(`server.among.${outcome.name}`, among.words, texts), after, " ",
    h("span.quiet", {}, texts.say("reasons.combined", { risk: riskWords(outcome, answer, texts), outcomes })));
}

function reason(outcome, row, context) {
  const { texts, widest } = context;
  return h("li.reason", { "data-field": row.field },
    h("p.reason-head", {},
      h("span.reason-name", {}, name(row, context), " ", h("span.reason-value", {}, value(row, context))),
      h("span.reason-change.number", { "aria-hidden": "true" }, points(row.points / 100))),
    bars(row, widest),
    h("p.unseen", {}, texts.say(row.log_odds > 0 ? "reasons.raises" : "reasons.lowers", {
      now: ofHundred(explained(outcome), texts), without: ofHundred(riskWithout(outcome, row), texts),
    })),
    origin(outcome, row, context));
}

/** The sources of the published part of a row; without any, why there is such a part. */
function origin(outcome, row, { texts, keepOpen }) {
  if (row.members.some((member) => member.sources.length)) return keepOpen(`sources-${outcome.name}-${row.field}`, sources(row, texts));
  return Math.abs(row.published) >= NEGLIGIBLE && h("p.quiet", {}, texts.say("reasons.no_source"));
}

/** The name of a row: a field, a composite, or fields that belong together. */
function name(row, { texts, form }) {
  return row.members.length > 1 ? texts.say(`reason_groups.${row.field}`) : rowLabel(row, form, texts);
}

/** The patient's value; of fields that belong together, each of theirs. */
function value(row, context) {
  const { texts, form } = context;
  if (row.members.length === 1) return ownValue(row.members[0], context);
  return row.members.map((member) => `${rowLabel(member, form, texts)} ${ownValue(member, context)}`).join(", ");
}

function ownValue(row, { texts, form, entries, answer }) {
  if (row.inputs.length) return "";
  const known = typedValue(row.field, form.fields[row.field], entries[row.field], texts) || labelValue(row.field, byLabel(row.field, answer), texts) || derived(row, texts);
  return [known, answer[`${row.field}_name`]].filter(Boolean).join(": ");
}

/** A value that was derived, not typed. */
function derived(row, texts) {
  return typeof row.value === "number" ? `${texts.number(row.value, 3)} ${texts.unit(row.unit, row.value)}` : String(row.value);
}

function bars(row, widest) {
  const length = (part) => Math.min(Math.abs(part) / widest, 1) * MIDDLE;
  const from = (part) => (part < 0 ? MIDDLE - length(part) : MIDDLE);
  const total = MIDDLE + Math.sign(row.log_odds) * length(row.log_odds);
  return svg("svg.bars", { viewBox: `0 0 ${WIDTH} 18`, "aria-hidden": "true", preserveAspectRatio: "none" },
    svg("line.zero", { x1: MIDDLE, x2: MIDDLE, y1: 0, y2: 18 }),
    svg("rect.published", { x: from(row.published), y: 2, width: length(row.published), height: 6 }),
    svg("rect.local", { x: from(row.local), y: 10, width: length(row.local), height: 6 }),
    svg("line.total", { x1: total, x2: total, y1: 0, y2: 18 }));
}

function sources(row, texts) {
  const listed = new Map(row.members.flatMap((member) => member.sources.map((source, position) => [source, member.studied?.[position]])));
  return h("details.sources", {}, h("summary", {}, texts.count("reasons.sources", listed.size)),
    h("ul", {}, [...listed].map(([source, words]) => h("li", {}, sourceLink(source), studied(words)))));
}

/** Patients, disease and product that a source studied, in English as the evidence files word them. */
function studied(words) {
  return words ? h("span.quiet", { lang: "en" }, `: ${words}`) : null;
}

/** The numbers behind the points: every contribution in log-odds. */
function logOdds(rows, { texts, form }) {
  const two = (number) => new Intl.NumberFormat(texts.language, { minimumFractionDigits: 2, maximumFractionDigits: 2, signDisplay: "exceptZero" }).format(number).replace("-", "−");
  const head = ["log_odds_field", "total", "published", "local"].map((key) => h("th", { scope: "col" }, texts.say(`reasons.${key}`)));
  const body = rows.map((row) => h("tr", { "data-field": row.field }, h("th", { scope: "row" }, rowLabel(row, form, texts)),
    ["log_odds", "published", "local"].map((part) => h("td.number", {}, two(row[part])))));
  return h("details.more.log-odds", {}, h("summary", {}, texts.say("reasons.log_odds")),
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, body)));
}
