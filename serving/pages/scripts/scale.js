// A risk on a scale from 0 to 100: the estimate, its interval, and what others would say.

import { svg } from "./dom.js";

const WIDTH = 250;
const HEIGHT = 80;
const MARGIN = 13;
const LINE = 32;
// Distances of words from the line: a comparator's tip, its word, the numbers of the scale.
const TIP = 9;
const WORD = 17;
const NUMBERS = 42;

/** Place of a risk on the scale, in the units of the drawing. */
export function place(risk) {
  return MARGIN + (WIDTH - 2 * MARGIN) * Math.min(Math.max(risk, 0), 1);
}

/**
 * Draw the scale.
 * @param {{risk: number, low: number, high: number}} found
 * @param {{risk: number, text: string, above: boolean}[]} others comparators
 * @param {string} label all of it in words
 */
export function scale({ risk, low, high }, others, label) {
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((at) => [
    svg("line.tick", { x1: place(at), x2: place(at), y1: LINE - 4, y2: LINE + 4 }),
    svg("text.tick-text", { x: place(at), y: LINE + NUMBERS, "text-anchor": "middle" }, 100 * at),
  ]);
  return svg("svg.scale", { viewBox: `0 0 ${WIDTH} ${HEIGHT}`, role: "img", "aria-label": label },
    svg("line.axis", { x1: MARGIN, x2: WIDTH - MARGIN, y1: LINE, y2: LINE }),
    ticks,
    svg("rect.interval", { x: place(low), y: LINE - 5, width: Math.max(place(high) - place(low), 1), height: 10, rx: 5 }),
    svg("circle.estimate", { cx: place(risk), cy: LINE, r: 7 }),
    others.map(comparator));
}

function comparator({ risk, text, above }) {
  const x = place(risk);
  const side = above ? -1 : 1;
  const tip = LINE + side * TIP;
  const base = tip + side * 6;
  return [
    svg("path.comparator", { d: `M${x} ${tip} L${x - 5} ${base} L${x + 5} ${base} Z` }),
    svg("text.comparator-text", { x, y: above ? LINE - WORD - 2 : LINE + WORD + 8, "text-anchor": anchor(x) }, text),
  ];
}

/** Keep words inside the drawing. */
function anchor(x) {
  if (x < WIDTH * 0.25) return "start";
  return x > WIDTH * 0.75 ? "end" : "middle";
}
