// The risk over time with its band: one line through the horizons of the outcome.

import { h, svg } from "./dom.js";
import { ofHundred } from "./numbers.js";
import { served } from "./served.js";
import { horizon, outcomeName } from "./wording.js";

const DAYS_A_MONTH = 365.25 / 12;
const BOX = { width: 640, height: 250, left: 56, right: 20, top: 16, bottom: 40 };

/** Places of points on the drawing; day 0 comes before the first, with no event yet. */
export function placed(points, lastDay, highest) {
  const across = (day) => BOX.left + (BOX.width - BOX.left - BOX.right) * (day / lastDay);
  const up = (risk) => BOX.height - BOX.bottom - (BOX.height - BOX.top - BOX.bottom) * (risk / highest);
  return points.map(({ day, risk }) => `${across(day).toFixed(1)},${up(risk).toFixed(1)}`).join(" ");
}

/** The curve of an outcome, with its name; null where it has one horizon alone. */
export function curveOf(outcome, { texts, keepOpen }) {
  return outcome.curve.length > 1 ? curve(outcome, { texts, name: outcomeName(outcome, texts), keepOpen }) : null;
}

/**
 * Draw the curve of an outcome with a table of the same numbers.
 * @param {object} outcome of an answer, with more than one horizon
 * @param {{texts: object, open: function}} context
 */
export function curve(outcome, { texts, name, keepOpen }) {
  const points = outcome.curve;
  const lastDay = points.at(-1).horizon_days;
  const highest = Math.min(1, Math.ceil((Math.max(...points.map((point) => point.high)) + 0.02) * 5) / 5);
  const label = points.map((point) => sentence(point, texts)).join("; ");
  const drawing = svg("svg.curve", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img", "aria-label": `${name}: ${label}` },
    grid(highest), band(points, lastDay, highest),
    svg("polyline.estimate-line", { points: placed([{ day: 0, risk: 0 }, ...line(points, "risk")], lastDay, highest) }),
    svg("text.tick-text", { x: BOX.left, y: BOX.height - BOX.bottom + 20, "text-anchor": "middle" }, texts.say("curve.months")),
    points.map((point) => marked(point, { lastDay, highest, texts })));
  return h("figure.curve-figure", {}, drawing, h("figcaption.quiet", {}, texts.say("curve.caption"), competing(outcome, texts)), twin(outcome, texts, keepOpen));
}

/** The event that can come first; nothing where there is none. */
function competing(outcome, texts) {
  if (!outcome.competing) return null;
  const [before, after] = texts.say("curve.competing").split("{event}");
  return [" ", before, served(`model.competing.${outcome.name}`, outcome.competing, texts), after];
}

function line(points, part) {
  return points.map((point) => ({ day: point.horizon_days, risk: point[part] }));
}

function band(points, lastDay, highest) {
  const around = [{ day: 0, risk: 0 }, ...line(points, "high"), ...line(points, "low").reverse()];
  return svg("polygon.band", { points: placed(around, lastDay, highest) });
}

function grid(highest) {
  const steps = Array.from({ length: Math.round(highest / 0.2) + 1 }, (_, step) => step * 0.2);
  return steps.map((risk) => {
    const y = Number(placed([{ day: 0, risk }], 1, highest).split(",")[1]);
    return [
      svg("line.grid", { x1: BOX.left, x2: BOX.width - BOX.right, y1: y, y2: y }),
      svg("text.tick-text", { x: BOX.left - 8, y: y + 4, "text-anchor": "end" }, Math.round(100 * risk)),
    ];
  });
}

function marked(point, { lastDay, highest, texts }) {
  const [x, y] = placed([{ day: point.horizon_days, risk: point.risk }], lastDay, highest).split(",").map(Number);
  const last = point.horizon_days === lastDay;
  return [
    svg("circle.estimate", { cx: x, cy: y, r: 5 }),
    svg("text.point-text", { x, y: y - 11, "text-anchor": last ? "end" : "middle" }, ofHundred(point.risk, texts)),
    svg("text.tick-text", { x, y: BOX.height - BOX.bottom + 20, "text-anchor": "middle" }, months(point.horizon_days)),
  ];
}

/** Months of so many days, whole ones as all horizons beyond a month are. */
export function months(days) {
  return Math.round(days / DAYS_A_MONTH);
}

function sentence(point, texts) {
  return texts.say("curve.point", {
    by: horizon(point.horizon_days, texts), risk: ofHundred(point.risk, texts),
    low: ofHundred(point.low, texts), high: ofHundred(point.high, texts),
  });
}

function twin({ name, curve: points }, texts, keepOpen) {
  const head = ["curve.by", "curve.of_100", "curve.low", "curve.high"].map((key) => h("th", { scope: "col" }, texts.say(key)));
  const rows = points.map((point) => h("tr", {}, h("th", { scope: "row" }, horizon(point.horizon_days, texts)),
    ["risk", "low", "high"].map((part) => h("td.number", {}, ofHundred(point[part], texts)))));
  return keepOpen(`curve-table-${name}`, h("details", {}, h("summary", {}, texts.say("page.as_table")),
    h("table", {}, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows))));
}
