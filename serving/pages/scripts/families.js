// Which outcomes come first, which follow, and which exclude one another: families of states that add up to 100.

import { hundredfold, ofHundred, percent } from "./numbers.js";

/**
 * Outcomes of an answer in the order in which they are shown.
 * @param {object} answer of POST /risk
 * @returns {{main: object[], members: object[], further: object[]}}
 *   `main` are read first; `members` are shown within the family of a main outcome
 */
export function arranged({ outcomes, states = [] }) {
  const within = new Set(states.flatMap((family) => family.outcomes.slice(1)));
  const members = outcomes.filter(({ name }) => within.has(name));
  const others = outcomes.filter(({ name }) => !within.has(name));
  const main = others.filter((outcome) => outcome.main);
  return main.length ? { main, members, further: others.filter((outcome) => !outcome.main) } : { main: others, members, further: [] };
}

/** The family that is shown on the card of an outcome: the one that it leads; undefined where there is none. */
export function familyOf(outcome, { states = [] }) {
  return states.find((family) => family.outcomes[0] === outcome.name);
}

/**
 * Shares as whole numbers that add up to 100, by the largest remainder; the first, which is shown elsewhere too, is
 * rounded as everywhere.
 * @param {number[]} shares 0 to 1, which add up to 1
 */
export function wholes([first, ...others]) {
  const lead = percent(first);
  const exact = others.map(hundredfold);
  const whole = exact.map(Math.floor);
  const left = 100 - lead - whole.reduce((sum, each) => sum + each, 0);
  const byRemainder = exact.map((each, place) => [each - whole[place], place]).sort(([one], [other]) => other - one);
  for (const [, place] of byRemainder.slice(0, Math.max(left, 0))) whole[place] += 1;
  return [lead, ...whole];
}

/**
 * The states by one day: those of the outcomes, then what is left.
 * @param {object} point of the curve of a family
 * @param {object} family
 * @returns {{name: string, risk: number, low: number, high: number, whole: number}[]} the last has no name
 */
export function statesAt(point, family) {
  const states = [...family.outcomes.map((name) => ({ name, ...point.outcomes[name] })), { name: "", ...point.neither }];
  const whole = wholes(states.map(({ risk }) => risk));
  return states.map((state, place) => ({ ...state, whole: whole[place] }));
}

/** The point of a family's curve at a horizon; the last where there is none. */
export function pointAt(family, days) {
  return family.curve.find((point) => point.horizon_days === days) ?? family.curve.at(-1);
}

/** A whole number of 100, in words where it would say "never" or "always". */
export function wholeWords(whole, texts) {
  return ofHundred(whole / 100, texts);
}

/**
 * An outcome with the risks that its family shows, so that it is the same whole number everywhere.
 * @param {object} outcome
 * @param {object} answer
 */
export function asShown(outcome, { states = [] }) {
  const family = states.find(({ outcomes }) => outcomes.slice(1).includes(outcome.name));
  if (!family) return outcome;
  const shown = (days, risk) => {
    const point = family.curve.find((each) => each.horizon_days === days);
    return point ? statesAt(point, family).find(({ name }) => name === outcome.name).whole / 100 : risk;
  };
  return {
    ...outcome, risk: shown(outcome.horizon_days, outcome.risk),
    curve: outcome.curve.map((point) => ({ ...point, risk: shown(point.horizon_days, point.risk) })),
  };
}

/** The risk of an outcome in words. */
export function riskWords(outcome, answer, texts) {
  return ofHundred(asShown(outcome, answer).risk, texts);
}
