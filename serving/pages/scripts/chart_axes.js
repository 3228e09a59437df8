// What the charts share: limits, ticks, scales, lines with gaps, axes. Numbers first, drawing last.

import { svg } from "./dom.js";

const LIMITS = [0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1];

/** The smallest round limit that leaves no value outside; values that are null do not count. */
export function roundLimit(values) {
  const largest = Math.max(0, ...values.filter((value) => value !== null));
  return LIMITS.find((limit) => limit >= largest - 1e-9) ?? 1;
}

/** A round step that parts a length into at most so many: 1, 2 or 5 times a power of ten. */
export function roundStep(length, most) {
  const power = 10 ** Math.floor(Math.log10(length / most));
  return [1, 2, 5, 10].map((part) => part * power).find((step) => length / step <= most + 1e-9);
}

/** Multiples of a step within two ends, both included. */
export function ticks(low, high, step) {
  const first = Math.ceil(low / step - 1e-9);
  const last = Math.floor(high / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, place) => Number(((first + place) * step).toFixed(10)));
}

/** A straight scale from values to places. */
export function scale([low, high], [from, to]) {
  return (value) => from + ((value - low) / (high - low)) * (to - from);
}

/** Runs of neighbouring points that are all known. */
export function runs(points) {
  const found = [[]];
  for (const point of points) {
    if (point.some((part) => part === null || part === undefined)) found.push([]);
    else found.at(-1).push(point);
  }
  return found.filter((run) => run.length > 1);
}

/** Path of a line; it has a gap where a value is null. */
export function linePath(xs, ys, x, y) {
  const points = xs.map((value, place) => [value, ys[place]]);
  return runs(points).map((run) => `M${run.map(([across, up]) => `${at(x(across))} ${at(y(up))}`).join("L")}`).join("");
}

/** Path of a band between two lines; it has a gap where one is null. */
export function bandPath(xs, lows, highs, x, y) {
  const points = xs.map((value, place) => [value, lows[place], highs[place]]);
  return runs(points).map((run) => {
    const there = run.map(([across, , high]) => `${at(x(across))} ${at(y(high))}`);
    const back = [...run].reverse().map(([across, low]) => `${at(x(across))} ${at(y(low))}`);
    return `M${[...there, ...back].join("L")}Z`;
  }).join("");
}

/**
 * Draw grid, ticks and titles of both axes.
 * @param {object} frame
 * @param {{left: number, right: number, top: number, bottom: number}} frame.box of the plot
 * @param {function(number): number} frame.x
 * @param {function(number): number} frame.y
 * @param {Array<{at: number, text: string}>} frame.across ticks of the x axis
 * @param {Array<{at: number, text: string}>} frame.up ticks of the y axis
 * @param {string} frame.xTitle
 * @param {string} frame.yTitle
 * @param {number} [frame.foot] where the labels of the x axis stand; under the plot by default
 */
export function drawAxes({ box, x, y, across, up, xTitle, yTitle, foot = box.bottom }) {
  return svg("g", { class: "axes" },
    up.map((tick) => [
      svg("line.grid", { x1: box.left, x2: box.right, y1: y(tick.at), y2: y(tick.at) }),
      svg("text.tick", { x: box.left - 6, y: y(tick.at) + 4, "text-anchor": "end" }, tick.text),
    ]),
    across.map((tick) => [
      svg("line.grid", { x1: x(tick.at), x2: x(tick.at), y1: box.top, y2: box.bottom }),
      svg("text.tick", { x: x(tick.at), y: foot + 16, "text-anchor": "middle" }, tick.text),
    ]),
    svg("text.axis", { x: (box.left + box.right) / 2, y: foot + 34, "text-anchor": "middle" }, xTitle),
    svg("text.axis", { transform: `translate(12 ${(box.top + box.bottom) / 2}) rotate(-90)`, "text-anchor": "middle" }, yTitle));
}

function at(place) {
  return Number(place.toFixed(2));
}
