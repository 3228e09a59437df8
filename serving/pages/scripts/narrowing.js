// Which optional fields are offered first: the missing values that narrow the intervals of this patient most.

import { arranged } from "./families.js";
import { unknownFields } from "./product_label.js";
import { costs, ONE_POINT } from "./unknown.js";

export const OFFERED = 6;

/**
 * Missing fields of an answer, those first that narrow a main risk most; by less than a point they are left out.
 * @param {object} answer of POST /risk
 * @returns {string[]}
 */
export function rankedMissing(answer) {
  const shown = new Set(arranged(answer).main.map(({ name }) => name));
  const missing = new Set(unknownFields(answer));
  const rows = costs({ outcomes: answer.outcomes.filter(({ name }) => shown.has(name)) }).filter(({ widest }) => widest >= ONE_POINT);
  return [...new Set(rows.flatMap(({ field, inputs }) => (inputs.length ? inputs : [field])).filter((name) => missing.has(name)))];
}

/**
 * The fields to offer: those offered before that have a value now, then the best of the missing ones; while one of
 * them is entered, all that were offered before stay first.
 * @param {string[]} before offered until now
 * @param {string[]|null} ranked missing fields, best first; null while there is no answer: nothing changes
 * @param {string[]} allowed fields that can be offered
 * @param {function(string): boolean} isFilled
 * @param {boolean} entering
 */
export function chosenNarrowing(before, ranked, allowed, isFilled, entering = false) {
  const kept = before.filter((name) => allowed.includes(name));
  if (!ranked) return kept;
  const staying = entering ? kept : kept.filter(isFilled);
  const room = Math.max(0, OFFERED - staying.filter((name) => !isFilled(name)).length);
  const offered = ranked.filter((name) => allowed.includes(name) && !staying.includes(name));
  return [...staying, ...offered.slice(0, room)];
}
