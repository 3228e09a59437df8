// What had become of the infusions by each time at which a risk is stated.

import { table, wide } from "./chart_parts.js";
import { h } from "./dom.js";
import { countWords, share } from "./measured.js";
import { served } from "./served.js";
import { horizon } from "./wording.js";

/** Horizons, rising: those answered, and those left out with the reason; counts are null where the bundle has none. */
export function horizonRows(outcome) {
  const days = [...new Set([...outcome.horizons_days, ...Object.keys(outcome.dropped_horizons).map(Number)])];
  return days.sort((one, other) => one - other).map((day) => ({
    day,
    observed: outcome.cumulative_incidence[day] ?? null,
    dropped: outcome.dropped_horizons[day] ?? "",
    counts: outcome.horizon_counts?.[day] ?? null,
  }));
}

/** What was observed, as a fact, where there is one horizon and nothing else to say of it; a fact without a value elsewhere. */
export function onlyHorizon(outcome, card, texts) {
  const [row, another] = horizonRows(outcome);
  const name = `${observedWords(card, texts)} ${texts.say("page.by", { horizon: horizon(row.day, texts) })}`;
  return [name, another || row.dropped || row.counts || row.observed === null ? null : share(row.observed, texts)];
}

function observedWords(card, texts) {
  return texts.say(card.cohort.trained ? "model.outcome.observed" : "model.outcome.base_rate");
}

/**
 * A row a horizon: what had become of the infusions, and the incidence.
 * @param {object} outcome of the card
 * @param {object} card
 * @param {import("./texts.js").Texts} texts
 */
export function horizons(outcome, card, texts) {
  const rows = horizonRows(outcome);
  const columns = [
    { head: texts.say("model.outcome.by"), cell: ({ day }) => horizon(day, texts) },
    ...(rows.some(({ counts }) => counts) ? counted(outcome, texts) : []),
    { head: observedWords(card, texts), cell: ({ observed }) => (observed === null ? "–" : share(observed, texts)) },
    ...(rows.some(({ dropped }) => dropped) ? [remark(texts)] : []),
  ];
  const title = texts.say("model.outcome.horizons");
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row)));
  return h("div", {}, h("h3", {}, title), note(rows, outcome, texts),
    wide(title, h("div.firm", {}, table(columns.map(({ head }) => head), cells, title))));
}

function note(rows, outcome, texts) {
  if (!rows.some(({ counts }) => counts)) return null;
  return h("p.note", {}, texts.count("model.horizon.note", outcome.n_infusions));
}

/** A column for each thing that may have become of an infusion. */
function counted(outcome, texts) {
  const parts = ["events", ...(outcome.competing ? ["competing"] : []), "free", "censored"];
  return parts.map((part) => ({
    head: texts.say(`model.horizon.${part}`),
    cell: ({ counts }) => (counts ? countWords(counts[part], texts) : "–"),
  }));
}

function remark(texts) {
  return {
    head: texts.say("model.outcome.remark"),
    cell: ({ dropped }) => dropped && h("span", {}, texts.say("model.outcome.dropped"), " ", served("", dropped, texts)),
  };
}
