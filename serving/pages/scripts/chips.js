// What may be claimed of an outcome's number, in a few words beside it.

import { OUTSIDE_USE } from "./cautions.js";
import { h } from "./dom.js";

export const NO_BETTER = "not_better_than_prevalence";
const NO_SIGNAL = "no_individual_signal";
// The first of these that holds is said; without one, the status itself.
const SAID_FIRST = [NO_BETTER, "few_events", "not_cross_validated", "part_updated", "observed_expected", "calibration_slope", "backwards", "below_recommended_size"];

/** Whether a risk is to be read as the average: not better than it, or the same for every patient. */
export function isWeak(outcome, answer) {
  return codes(outcome).includes(NO_BETTER)
    || answer.warnings.some(({ code, field }) => code === NO_SIGNAL && field === outcome.name);
}

function codes({ status_facts: facts }) {
  return (facts ?? []).map(({ code }) => code);
}

/** The claim in words; of a patient outside the intended use there is none. */
export function claim(outcome, { texts, answer }) {
  if (isOutside(answer)) return texts.say("chips.outside");
  const code = SAID_FIRST.find((each) => codes(outcome).includes(each) && texts.has(`chips.${each}`));
  return code ? texts.say(`chips.${code}`) : texts.say(`statuses.${outcome.status}`, {}, outcome.status);
}

function isOutside({ warnings }) {
  return warnings.some(({ code }) => code === OUTSIDE_USE);
}

/** The chip: a sign, the claim, and on how many events by the horizon it rests. */
export function chip(outcome, context) {
  const status = isOutside(context.answer) ? "outside" : outcome.status;
  const events = status !== "outside" && outcome.n_headline_events > 0 && ` ${context.texts.count("chips.events", outcome.n_headline_events)}`;
  return h("p.chip", { "data-status": status }, h("span.status", { "data-status": status }, claim(outcome, context)), events);
}

/** In a weak outcome's place of reasons: that it is the average, and within what it lies for nearly everybody. */
export function readAsAverage(outcome, { texts }) {
  const { predicted_range: usual } = outcome;
  const whole = usual && [usual.low, usual.high].map((risk) => Math.round(100 * risk));
  if (whole && whole[0] === whole[1]) return texts.say("chips.same", { risk: whole[0] });
  return whole ? texts.say("chips.nearly_same", { low: whole[0], high: whole[1] }) : texts.say("chips.as_average");
}
