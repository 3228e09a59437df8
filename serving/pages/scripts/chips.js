// What may be claimed of an outcome's number, in a few words beside it.

import { h } from "./dom.js";

export const NO_BETTER = "not_better_than_prevalence";
const NO_SIGNAL = "no_individual_signal";
// The first of these that holds is said; without one, the status itself.
const SAID_FIRST = [NO_BETTER, "few_events", "not_cross_validated", "observed_expected", "calibration_slope", "backwards", "below_recommended_size"];

/** Whether a risk is to be read as the average: not better than it, or the same for every patient. */
export function isWeak(outcome, answer) {
  return codes(outcome).includes(NO_BETTER)
    || answer.warnings.some(({ code, field }) => code === NO_SIGNAL && field === outcome.name);
}

function codes({ status_facts: facts }) {
  return (facts ?? []).map(({ code }) => code);
}

/** The chip: a sign, the claim, and on how many events it rests. */
export function chip(outcome, { texts }) {
  const code = SAID_FIRST.find((each) => codes(outcome).includes(each) && texts.has(`chips.${each}`));
  const words = code ? texts.say(`chips.${code}`) : texts.say(`statuses.${outcome.status}`, {}, outcome.status);
  const events = outcome.n_events > 0 && ` ${texts.count("chips.events", outcome.n_events)}`;
  return h("p.chip", { "data-status": outcome.status }, h("span.status", { "data-status": outcome.status }, words), events);
}

/** In a weak outcome's place of reasons: that it is the average, and within what it lies for nearly everybody. */
export function readAsAverage(outcome, { texts }) {
  const { predicted_range: usual } = outcome;
  const whole = usual && [usual.low, usual.high].map((risk) => Math.round(100 * risk));
  if (whole && whole[0] === whole[1]) return texts.say("chips.same", { risk: whole[0] });
  return whole ? texts.say("chips.nearly_same", { low: whole[0], high: whole[1] }) : texts.say("chips.as_average");
}
