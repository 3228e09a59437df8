// A line from 0 to 100 of 100 patients, the same for every outcome: the risk, its interval, and what others would say.

import { h } from "./dom.js";

// Nearer to an end than this, words begin or end at their mark instead of being centered on it.
const NEAR_END = 0.14;

/** Put an element at a share of the line, and give it a length where it has one. */
function at(share, element, length = null) {
  element.style.left = `${100 * inside(share)}%`;
  if (length !== null) element.style.width = `${100 * inside(length)}%`;
  return element;
}

function inside(share) {
  return Math.min(Math.max(share, 0), 1);
}

/**
 * Draw a risk on the line.
 * @param {{risk: number, low: number, high: number}} found
 * @param {{risk: number, text: string, above: boolean}[]} others comparators
 * @param {string} label all of it in words
 */
export function plot({ risk, low, high }, others, label) {
  return h("div.plot", { role: "img", "aria-label": label },
    h("span.line"), at(low, h("span.interval"), high - low), at(risk, h("span.dot")), others.map(comparator));
}

/**
 * Draw states that add up to 100 on the line, the interval of the first below them.
 * @param {{whole: number, low: number, high: number, look: string}[]} states
 * @param {{risk: number, text: string, above: boolean}[]} others comparators of the first
 * @param {string} label all of it in words
 */
export function statesPlot(states, others, label) {
  let from = 0;
  const parts = states.map(({ whole, look }) => {
    const part = at(from / 100, h(`span.part.${look}`, {}, whole >= 8 && h("span.whole", {}, whole)), whole / 100);
    from += whole;
    return part;
  });
  const [{ whole, low, high }] = states;
  return h("div.plot.of-states", { role: "img", "aria-label": label },
    parts, at(low, h("span.interval"), high - low), at(whole / 100, h("span.dot")), others.map(comparator));
}

function comparator({ risk, text, above }) {
  const side = risk < NEAR_END ? "start" : risk > 1 - NEAR_END ? "end" : "middle";
  return at(risk, h(`span.mark.${above ? "above" : "below"}.${side}`, {}, h("span", {}, text)));
}

/** The numbers of the line, once below all outcomes. */
export function axis() {
  return h("p.axis", { "aria-hidden": "true" }, h("span.numbers", {}, [0, 25, 50, 75, 100].map((number) => at(number / 100, h("span", {}, number)))));
}
