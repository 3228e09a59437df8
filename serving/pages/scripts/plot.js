// A line from 0 to 100 of 100 patients, the same for every outcome: the risk, its interval, and what others would say.

import { h } from "./dom.js";

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
 * @param {{risk: number, text: string}[]} others comparators
 * @param {string} label all of it in words
 */
export function plot({ risk, low, high }, others, label) {
  return h("div.drawing", { role: "img", "aria-label": label },
    h("div.plot", {}, h("span.line"), at(low, h("span.interval"), high - low), at(risk, h("span.dot")), others.map(mark)), names(others));
}

/**
 * Draw states that add up to 100 on the line, the interval of the first below them.
 * @param {{whole: number, low: number, high: number, look: string}[]} states
 * @param {{risk: number, text: string}[]} others comparators of the first
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
  return h("div.drawing", { role: "img", "aria-label": label },
    h("div.plot.of-states", {}, parts, at(low, h("span.interval"), high - low), at(whole / 100, h("span.dot")), others.map(mark)), names(others));
}

function mark({ risk }) {
  return at(risk, h("span.mark"));
}

/** The names of all marks in one line below them, in their order, so that none covers another; as near to them as it fits. */
function names(others) {
  if (!others.length) return null;
  const sorted = [...others].sort((one, other) => one.risk - other.risk);
  const middle = inside(others.reduce((sum, { risk }) => sum + risk, 0) / others.length);
  const spaces = [middle, 1 - middle].map((share) => {
    const space = h("span");
    space.style.flexGrow = share;
    return space;
  });
  return h("p.names", {}, spaces[0], h("span.named", {}, sorted.map(({ text }) => text).join(" · ")), spaces[1]);
}

/** The numbers of the line, once below all outcomes, and what the bands on it are. */
export function axis(texts) {
  return [h("p.bands", {}, texts.say("page.bands")), h("p.axis", { "aria-hidden": "true" }, h("span.numbers", {}, [0, 25, 50, 75, 100].map((number) => at(number / 100, h("span", {}, number)))))];
}
