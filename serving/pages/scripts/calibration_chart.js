// Calibration: observed against predicted risk, with the band of the curve and how many had which risk.

import { bandPath, drawAxes, linePath, roundLimit, roundStep, scale, ticks } from "./chart_axes.js";
import { chartFigure, table } from "./chart_parts.js";
import { svg } from "./dom.js";
import { decimal, share } from "./measured.js";

const BOX = { left: 46, right: 350, top: 8, bottom: 290 };
const BARS = { top: 300, bottom: 346 };
const HEIGHT = 386;
const MOST_ROWS = 12;

/** Bins of the histogram that hold anything: from and to in [0, 1], and how many. */
export function bars(histogram) {
  const width = 1 / histogram.length;
  return histogram
    .map((n, place) => ({ from: place * width, to: (place + 1) * width, n }))
    .filter(({ n }) => n > 0);
}

/** The risk up to which both axes reach: all that is drawn lies within. */
export function reach(calibration) {
  const { risk, observed, high, group_risk, group_observed, histogram } = calibration;
  return roundLimit([...risk, ...observed, ...high, ...group_risk, ...group_observed, ...bars(histogram).map((bar) => bar.to)]);
}

/** At most so many of the rows, evenly, first and last among them. */
export function thinned(rows, most = MOST_ROWS) {
  if (rows.length <= most) return rows;
  return Array.from({ length: most }, (_, place) => rows[Math.round((place * (rows.length - 1)) / (most - 1))]);
}

/**
 * Draw the calibration of an outcome.
 * @param {object} calibration as in the card
 * @param {string} outcome its name, for those who do not see the chart
 * @param {import("./texts.js").Texts} texts
 */
export function calibrationFigure(calibration, outcome, texts) {
  const say = (key, values) => texts.say(`model.calibration.${key}`, values);
  return chartFigure({
    title: say("title"),
    note: say("note"),
    chart: chart(calibration, say("spoken", { outcome, groups: calibration.group_n.length }), texts),
    legend: [
      { mark: "line", kind: "fitted", text: say("curve") },
      { mark: "band", text: say("band") },
      { mark: "dot", text: say("groups") },
      { mark: "line", kind: "diagonal", text: say("diagonal") },
      { mark: "bar", text: say("histogram") },
    ],
    twin: { summary: texts.say("model.as_table"), table: twin(calibration, say, texts) },
  });
}

function chart(calibration, spoken, texts) {
  const limit = reach(calibration);
  const x = scale([0, limit], [BOX.left, BOX.right]);
  const y = scale([0, limit], [BOX.bottom, BOX.top]);
  const marks = ticks(0, limit, roundStep(limit, 5)).map((risk) => ({ at: risk, text: decimal(100 * risk, 0, texts) }));
  const { risk, observed, low, high, group_risk, group_observed, group_n } = calibration;
  return svg("svg", { class: "plot", viewBox: `0 0 360 ${HEIGHT}`, role: "img", "aria-label": spoken },
    drawAxes({
      box: BOX, x, y, across: marks, up: marks, foot: BARS.bottom,
      xTitle: texts.say("model.calibration.x"), yTitle: texts.say("model.calibration.y"),
    }),
    svg("path", { class: "line diagonal", d: linePath([0, limit], [0, limit], x, y) }),
    svg("path.band", { d: bandPath(risk, low, high, x, y) }),
    svg("path", { class: "line fitted", d: linePath(risk, observed, x, y) }),
    group_risk.map((place, group) => group_observed[group] !== null
      && svg("circle.dot", { cx: x(place), cy: y(group_observed[group]), r: radius(group_n[group], group_n) })),
    histogram(calibration.histogram, x));
}

/** A dot's area goes with the size of its group. */
function radius(n, sizes) {
  return 5.5 * Math.sqrt(n / Math.max(...sizes));
}

function histogram(counts, x) {
  const tall = scale([0, Math.max(...counts, 1)], [0, BARS.bottom - BARS.top]);
  return svg("g", {},
    svg("line.grid", { x1: BOX.left, x2: BOX.right, y1: BARS.bottom, y2: BARS.bottom }),
    bars(counts).map(({ from, to, n }) => svg("rect.bar", {
      x: x(from) + 0.75, width: x(to) - x(from) - 1.5, y: BARS.bottom - tall(n), height: tall(n),
    })));
}

function twin(calibration, say, texts) {
  const { risk, observed, low, high, group_risk, group_observed, group_n } = calibration;
  const percent = (value) => (value === null ? "–" : share(value, texts, 1));
  const groups = group_risk.map((place, group) => [percent(place), percent(group_observed[group]), texts.number(group_n[group])]);
  const curve = thinned(risk.map((place, point) => [percent(place), percent(observed[point]),
    texts.say("model.interval", { low: percent(low[point]), high: percent(high[point]) })]));
  return [
    table([say("x_short"), say("y_short"), say("n")], groups, say("groups")),
    table([say("x_short"), say("curve"), texts.say("model.ninety")], curve, say("curve")),
  ];
}
