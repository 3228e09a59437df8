// Relapse, death without it, and neither: a bar of a hundred patients, with the same numbers in words.

import { h, svg } from "./dom.js";
import { statesAt, wholeWords } from "./families.js";
import { capitalized } from "./facts.js";
import { range } from "./numbers.js";
import { horizon, outcomeName } from "./wording.js";

const HEIGHT = 14;
const LEAST_NUMBERED = 9;
const STRIPE = 3;
const LEFT_OVER = "neither";

/** Name of a state: "short" above a column, "state" after a number, "full" where what is left is explained. */
export function stateName({ name }, family, answer, texts, kind) {
  if (!name) return texts.say(`states.neither.${family.neither}.${kind}`, {}, family.neither);
  const short = outcomeName(answer.outcomes.find((outcome) => outcome.name === name) ?? { name, title: name }, texts);
  return kind === "short" ? short : texts.say(`outcomes.${name}.state`, {}, short);
}

/** The look of a state: its place in the family, or what is left. */
export function stateLook(state, place) {
  return state.name ? `part-${place + 1}` : LEFT_OVER;
}

/** All states by one day as a sentence: "By 12 months, of 100: 66 relapse, 5 death without relapse, 29 alive in remission." */
export function statesSentence(point, family, answer, texts) {
  const states = statesAt(point, family).map((state) => texts.say("states.spoken_one", {
    n: wholeWords(state.whole, texts), state: stateName(state, family, answer, texts, "state"),
  }));
  return capitalized(texts.say("states.spoken", { by: byHorizon(point, texts), states: states.join(", ") }));
}

function byHorizon(point, texts) {
  return texts.say("page.by", { horizon: horizon(point.horizon_days, texts) });
}

/**
 * Draw the bar: a filled, a striped and a hollow part, with numbers where they fit.
 * @param {{name: string, whole: number}[]} states
 * @param {string} label all of it in words; empty where the words are beside it
 */
export function statesBar(states, label) {
  let from = 0;
  const parts = states.map((state, place) => {
    const x = from;
    from += state.whole;
    return state.whole > 0 && part(stateLook(state, place), x, state.whole);
  });
  return svg("svg.states-bar", { viewBox: `0 0 100 ${HEIGHT}`, ...(label ? { role: "img", "aria-label": label } : { "aria-hidden": "true" }) }, parts);
}

function part(name, x, width) {
  const middle = x + width / 2;
  return svg(`g.${name}`, {},
    svg("rect", { x: x + 0.4, y: 0.4, width: Math.max(width - 0.8, 0.4), height: HEIGHT - 0.8 }), name === "part-2" && stripes(x, width),
    width >= LEAST_NUMBERED && svg("text.states-number", { x: middle, y: HEIGHT / 2 + 2.7, "text-anchor": "middle" }, width));
}

/** Upright stripes, so that the part differs by more than its color. */
function stripes(x, width) {
  return Array.from({ length: Math.max(0, Math.ceil(width / STRIPE) - 1) }, (_, place) => {
    const at = x + STRIPE * (place + 1);
    return svg("line.stripe", { x1: at, x2: at, y1: 0.4, y2: HEIGHT - 0.4 });
  });
}

/** The key of a state: the look of its part of the bar. */
export function stateKey(state, place) {
  return h(`span.state-key.${stateLook(state, place)}`, { "aria-hidden": "true" });
}

/** The states of one point, each with its key, number and interval. */
export function stateList(states, family, { answer, texts }) {
  return h("ul.state-list", {}, states.map((state, place) => h("li", { "data-state": state.name || LEFT_OVER }, stateKey(state, place),
    h("span", {}, h("strong.number", {}, wholeWords(state.whole, texts)), " ", stateName(state, family, answer, texts, "state"), " ",
      h("span.quiet", {}, texts.say("states.interval", { range: range(state.low, state.high, texts) }))))));
}
