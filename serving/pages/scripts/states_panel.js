// A family of states at every horizon, from the infusion and for a patient who is event-free on a later day.

import { sentence } from "./cautions.js";
import { h } from "./dom.js";
import { capitalized } from "./facts.js";
import { statesAt, wholeWords } from "./families.js";
import { furtherOutcome } from "./further.js";
import { range } from "./numbers.js";
import { stateKey, stateName, statesBar } from "./states.js";
import { statesBand } from "./states_band.js";
import { horizon } from "./wording.js";

export const NOT_COVERED = "event_free_day_not_covered";

/**
 * Draw the panel of a family.
 * @param {object} family of `states`
 * @param {object} context texts, form, entries, answer, widest, keepOpen, question: the element that asks for a day, or null
 */
export function statesPanel(family, context) {
  const { texts, answer, question } = context;
  const id = `states-${family.outcomes[0]}`;
  const members = answer.outcomes.filter(({ name }) => family.outcomes.slice(1).includes(name));
  return h("section.states", {},
    h("section", { "data-from": "infusion" },
      h("h4", { id: `${id}-infusion` }, texts.say("states.from_infusion")), h("p.quiet", {}, texts.say("states.note")),
      statesBand(family, context), statesTable(family, `${id}-infusion`, context)),
    question, eventFree(family, id, context), members.map((outcome) => furtherOutcome(outcome, context)));
}

/** The answer for a patient who is event-free on the day of the answer; null where none was asked. */
function eventFree(family, id, context) {
  const { answer, texts } = context;
  const uncovered = answer.warnings.find(({ code }) => code === NOT_COVERED);
  if (uncovered) return h("p.not-covered", {}, h("span", { "aria-hidden": "true" }, "▲ "), sentence(uncovered, context));
  const later = eventFreeOf(family, answer);
  if (!later) return null;
  const day = later.event_free_on_day;
  return h("section", { "data-from": day },
    h("h4", { id: `${id}-event-free` }, texts.say("states.event_free.title", { day })),
    h("p.quiet", {}, texts.say("states.event_free.note", { day })), statesTable(later, `${id}-event-free`, context));
}

/** The states of a family after the day that was asked; undefined where none was. */
export function eventFreeOf(family, answer) {
  return (answer.event_free ?? []).find((later) => later.outcomes[0] === family.outcomes[0]);
}

function statesTable(family, labelledBy, { answer, texts }) {
  const [first] = family.curve;
  const head = [h("th", { scope: "col" }, texts.say("curve.by")), h("th.drawn", { scope: "col" }, texts.say("states.chart")),
    ...statesAt(first, family).map((state, place) => h("th", { scope: "col" }, stateKey(state, place), " ", capitalized(stateName(state, family, answer, texts, state.name ? "short" : "full"))))];
  return h("div.wide", { tabindex: "0", role: "region", "aria-labelledby": labelledBy },
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, family.curve.map((point) => row(point, family, texts)))));
}

function row(point, family, texts) {
  const states = statesAt(point, family);
  return h("tr", { "data-horizon": point.horizon_days }, h("th", { scope: "row" }, horizon(point.horizon_days, texts)),
    h("td.drawn", {}, statesBar(states, "")),
    states.map((state) => h("td.number", {}, h("strong", {}, wholeWords(state.whole, texts)), " ",
      h("span.quiet", {}, texts.say("states.interval", { range: range(state.low, state.high, texts) })))));
}
