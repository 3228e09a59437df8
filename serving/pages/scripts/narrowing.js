// Which optional fields are offered first: the missing values that narrow the intervals of this patient most.

import { arranged } from "./families.js";
import { costs, ONE_POINT } from "./unknown.js";

export const OFFERED = 6;

/**
 * Missing fields of an answer, those first that narrow a main risk most; by less than a point they are left out.
 * @param {object} answer of POST /risk
 * @returns {string[]}
 */
export function rankedMissing(answer) {
  const { main, members } = arranged(answer);
  const shown = new Set([...main, ...members].map(({ name }) => name));
  const missing = new Set(answer.missing);
  const rows = costs({ outcomes: answer.outcomes.filter(({ name }) => shown.has(name)) }).filter(({ widest }) => widest >= ONE_POINT);
  return [...new Set(rows.flatMap(({ field, inputs }) => (inputs.length ? inputs : [field])).filter((name) => missing.has(name)))];
}

/**
 * The fields to offer: those offered before that have a value now, then the best of the missing ones.
 * @param {string[]} before offered until now
 * @param {string[]|null} ranked missing fields, best first; null while there is no answer: nothing changes
 * @param {string[]} allowed fields that can be offered
 * @param {function(string): boolean} isFilled
 */
export function chosenNarrowing(before, ranked, allowed, isFilled) {
  const kept = before.filter((name) => allowed.includes(name));
  if (!ranked) return kept;
  const filled = kept.filter(isFilled);
  const offered = ranked.filter((name) => allowed.includes(name) && !filled.includes(name));
  return [...filled, ...offered.slice(0, OFFERED)];
}
