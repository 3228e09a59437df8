// Contributions as rows that a clinician reads: fields that belong together as one, unknown fields apart, by points.

import { expit, logit, percent } from "./numbers.js";
import { byLabel, unknownFields } from "./product_label.js";

/** Log-odds that are shown as 0.00. */
export const NEGLIGIBLE = 0.005;

/** The risk that the contributions add up to: of those who can have the outcome, where not everybody can. */
export function explained(outcome) {
  return outcome.among?.risk ?? outcome.risk;
}

/** That risk if a field contributed nothing. */
export function riskWithout(outcome, { log_odds: logOdds }) {
  return expit(logit(explained(outcome)) - logOdds);
}

/** Points of risk of a row, from the whole percents that are shown, so that both say the same. */
export function pointsOf(outcome, row) {
  return percent(explained(outcome)) - percent(riskWithout(outcome, row));
}

/** Whether the value behind a contribution is not known, nor stated by the product's label; of a composite, whether one of its inputs is not. */
export function isUnknown(row, answer) {
  if (!row.inputs.length) return row.value === null && byLabel(row.field, answer) === undefined;
  const unknown = unknownFields(answer);
  return row.inputs.some((name) => unknown.includes(name));
}

/** Several contributions as one row. */
function together(name, members) {
  const sum = (part) => members.reduce((total, row) => total + row[part], 0);
  return {
    field: name, members, log_odds: sum("log_odds"), published: sum("published"), local: sum("local"),
    sources: [...new Set(members.flatMap(({ sources }) => sources))],
  };
}

/**
 * The rows of an outcome.
 * @param {object} outcome of an answer
 * @param {object} answer
 * @returns {{known: object[], assumed: object|null, all: object[]}}
 *   `known` of a point or more, the largest first, each with `points` and `members`; `assumed` all unknown fields
 *   together; `all` single contributions that are not negligible
 */
export function reasonRows(outcome, answer) {
  const all = outcome.contributions.filter((row) => Math.abs(row.log_odds) >= NEGLIGIBLE);
  const unknown = all.filter((row) => isUnknown(row, answer));
  const groups = new Map();
  for (const row of all.filter((each) => !unknown.includes(each))) {
    const name = row.group || row.field;
    groups.set(name, [...(groups.get(name) ?? []), row]);
  }
  const withPoints = (row) => ({ ...row, points: pointsOf(outcome, row) });
  const known = [...groups].map(([name, members]) => withPoints(members.length > 1 ? together(name, members) : { ...members[0], members }))
    .filter(({ points }) => points !== 0)
    .sort((one, other) => Math.abs(other.points) - Math.abs(one.points) || Math.abs(other.log_odds) - Math.abs(one.log_odds));
  return { known, assumed: unknown.length ? withPoints(together("assumed", unknown)) : null, all };
}
