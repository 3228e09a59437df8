// An answer in which relapse, death without relapse and remission add up to one, and with an outcome that follows.

import { makeAnswer } from "./answer.js";

const SHARED = { outcomes: ["relapse", "death_without_relapse"], neither: "alive in remission" };

function point(horizon_days, relapse, death, neither) {
  const state = ([risk, low, high]) => ({ risk, low, high });
  return { horizon_days, outcomes: { relapse: state(relapse), death_without_relapse: state(death) }, neither: state(neither) };
}

/** The states of a patient who is event-free on a day. */
export function afterDay(day) {
  return { ...SHARED, event_free_on_day: day, curve: [point(365, [0.36, 0.25, 0.47], [0.04, 0, 0.09], [0.6, 0.48, 0.71])] };
}

/** The answer of `makeAnswer` with a family and a further outcome. */
export function makeFamilyAnswer() {
  const answer = makeAnswer();
  const [crs, relapse] = answer.outcomes;
  const death = {
    ...relapse, name: "death_without_relapse", title: "death without relapse", main: false, risk: 0.08, interval: { level: 0.9, low: 0.02, high: 0.15 },
    among: { words: "patients who responded", outcome: "relapse", happened: false, plus: null, risk: 0.16 }, competing: "relapse before death", missing_costs: [],
  };
  const further = { ...crs, name: "iec_hs", title: "IEC-HS", main: false, horizon_days: 60 };
  answer.outcomes = [crs, { ...relapse, competing: "death before any of these" }, death, further];
  answer.states = [{ ...SHARED, event_free_on_day: null, curve: [
    point(90, [0.25, 0.2, 0.3], [0.05, 0.01, 0.09], [0.7, 0.62, 0.78]), point(365, [0.5, 0.4, 0.6], [0.08, 0.02, 0.15], [0.42, 0.3, 0.52]),
  ] }];
  return answer;
}
