// States over time as bands that fill a hundred patients; the table of the same numbers is below them.

import { h, svg } from "./dom.js";
import { statesAt } from "./families.js";
import { months } from "./curve.js";
import { stateKey, stateLook, stateName } from "./states.js";
import { capitalized } from "./facts.js";

const BOX = { width: 640, height: 210, left: 40, right: 12, top: 8, bottom: 30 };
const STRIPES = "stripes-of-part-2";

/**
 * Draw the bands of a family from its first day on: no event yet at the infusion, or on the event-free day.
 * @param {object} family
 * @param {{answer: object, texts: object}} context
 */
export function statesBand(family, { answer, texts }) {
  const start = family.event_free_on_day ?? 0;
  const points = family.curve.map((point) => ({ day: point.horizon_days, shares: statesAt(point, family).map(({ risk }) => risk) }));
  const none = points[0].shares.map((_, place) => (place === points[0].shares.length - 1 ? 1 : 0));
  const course = [{ day: start, shares: none }, ...points];
  const lastDay = course.at(-1).day;
  const x = (day) => BOX.left + (BOX.width - BOX.left - BOX.right) * ((day - start) / (lastDay - start));
  const y = (share) => BOX.height - BOX.bottom - (BOX.height - BOX.top - BOX.bottom) * share;
  const states = statesAt(family.curve[0], family);
  return h("figure.states-band", {},
    svg("svg", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, "aria-hidden": "true" }, stripes(), states.map((state, place) =>
      svg(`polygon.${stateLook(state, place)}`, { points: bandPoints(course, place, x, y), fill: place === 1 ? `url(#${STRIPES})` : null })),
    scale(course, x, y)),
    h("figcaption", {}, h("ul.state-list", {}, states.map((state, place) => h("li", {}, stateKey(state, place),
      capitalized(stateName(state, family, answer, texts, "full")))))));
}

/** The corners of a band: its upper edge to the right, its lower edge back. */
export function bandPoints(course, place, x, y) {
  const below = ({ shares }) => shares.slice(0, place).reduce((sum, each) => sum + each, 0);
  const corner = (point, share) => `${x(point.day).toFixed(1)},${y(share).toFixed(1)}`;
  return [...course.map((point) => corner(point, below(point) + point.shares[place])), ...[...course].reverse().map((point) => corner(point, below(point)))].join(" ");
}

function stripes() {
  return svg("defs", {}, svg("pattern", { id: STRIPES, width: 6, height: 6, patternUnits: "userSpaceOnUse" },
    svg("rect.paper", { width: 6, height: 6 }), svg("line.stripe", { x1: 1, x2: 1, y1: 0, y2: 6 })));
}

function scale(course, x, y) {
  return [
    [0, 0.25, 0.5, 0.75, 1].map((share) => svg("text.tick-text", { x: BOX.left - 6, y: y(share) + 4, "text-anchor": "end" }, Math.round(100 * share))),
    course.map(({ day }) => svg("text.tick-text", { x: x(day), y: BOX.height - BOX.bottom + 18, "text-anchor": "middle" }, months(day))),
  ];
}
