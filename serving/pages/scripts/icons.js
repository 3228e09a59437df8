// An icon array: of a hundred patients like this one, how many. Filled is with the event, hollow is without.

import { svg } from "./dom.js";
import { percent } from "./numbers.js";

const STEP = 12;
const RADIUS = 4.4;

/**
 * Draw a hundred circles, ten a row.
 * @param {number} risk 0 to 1
 * @param {string} label what it shows, in words
 */
export function iconArray(risk, label) {
  const filled = percent(risk);
  const circles = Array.from({ length: 100 }, (_, place) =>
    svg(place < filled ? "circle.with" : "circle.without", {
      cx: STEP * ((place % 10) + 0.5), cy: STEP * (Math.floor(place / 10) + 0.5), r: RADIUS,
    }),
  );
  return svg("svg.icons", { viewBox: `0 0 ${10 * STEP} ${10 * STEP}`, role: "img", "aria-label": label }, circles);
}
