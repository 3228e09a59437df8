// Decision curve: net benefit of treating by the risk, compared with treating everyone and no one.

import { drawAxes, linePath, roundStep, scale, ticks } from "./chart_axes.js";
import { chartFigure, table } from "./chart_parts.js";
import { svg } from "./dom.js";
import { decimal, share, valueText } from "./measured.js";

const BOX = { left: 46, right: 350, top: 8, bottom: 248 };
const HEIGHT = 288;
const TWIN_STEP = 0.05;
const BELOW = 0.25;
const WORTHWHILE = 0.005;

/** Every net benefit is written alike, whatever its threshold. */
const NET_BENEFIT = "net_benefit_at_10";

/** From which to which net benefit the chart reaches; far below 0 nothing is worth showing. */
export function span({ model, treat_all }) {
  const highest = Math.max(0.01, ...[...model, ...treat_all].filter((value) => value !== null));
  const step = roundStep(highest, 4);
  const top = Math.ceil(highest / step - 1e-9) * step;
  return { low: -Math.max(step / 2, BELOW * top), high: top, step };
}

/** Rows at thresholds that are multiples of 5 %. */
export function rowsOf({ threshold, model, treat_all }) {
  const round = (value) => Math.abs(value / TWIN_STEP - Math.round(value / TWIN_STEP)) < 1e-6;
  return threshold
    .map((value, place) => ({ threshold: value, model: model[place], all: treat_all[place] }))
    .filter((row) => round(row.threshold));
}

/**
 * Where the model is worth more than the better of acting on all and on none, by half a patient in a hundred.
 * @returns {{from: number, to: number}|null} the longest run of thresholds; null where there is none
 */
export function useful({ threshold, model, treat_all }) {
  const better = threshold.map((_, place) =>
    model[place] !== null && treat_all[place] !== null && model[place] > Math.max(0, treat_all[place]) + WORTHWHILE);
  const stretches = [[]];
  threshold.forEach((value, place) => {
    if (better[place]) stretches.at(-1).push(value);
    else stretches.push([]);
  });
  const longest = stretches.reduce((one, other) => (other.length > one.length ? other : one));
  return longest.length ? { from: longest[0], to: longest.at(-1) } : null;
}

/**
 * Draw the decision curve of an outcome.
 * @param {object} curve as in the card
 * @param {string} outcome its name, for those who do not see the chart
 * @param {import("./texts.js").Texts} texts
 */
export function decisionFigure(curve, outcome, texts) {
  const say = (key, values) => texts.say(`model.decision.${key}`, values);
  const found = useful(curve);
  const words = found
    ? say("useful", { from: decimal(100 * found.from, 0, texts), to: decimal(100 * found.to, 0, texts) })
    : say("useless");
  return chartFigure({
    title: say("title"),
    note: `${say("note")} ${words}`,
    chart: chart(curve, `${say("spoken", { outcome })} ${words}`, texts),
    legend: [
      { mark: "line", kind: "fitted", text: say("model") },
      { mark: "line", kind: "all", text: say("all") },
      { mark: "line", kind: "none", text: say("none") },
    ],
    twin: { summary: texts.say("model.as_table"), table: twin(curve, say, texts) },
  });
}

function chart(curve, spoken, texts) {
  const { low, high, step } = span(curve);
  const last = curve.threshold.at(-1);
  const x = scale([0, last], [BOX.left, BOX.right]);
  const y = scale([low, high], [BOX.bottom, BOX.top]);
  const across = ticks(0, last, roundStep(last, 5)).map((risk) => ({ at: risk, text: decimal(100 * risk, 0, texts) }));
  const decimals = step < 0.01 ? 1 : 0;
  const up = ticks(low, high, step).map((worth) => ({ at: worth, text: decimal(100 * worth, decimals, texts) }));
  return svg("svg", { class: "plot", viewBox: `0 0 360 ${HEIGHT}`, role: "img", "aria-label": spoken },
    drawAxes({ box: BOX, x, y, across, up, xTitle: texts.say("model.decision.x"), yTitle: texts.say("model.decision.y") }),
    inside(
      svg("path", { class: "line none", d: linePath([0, last], [0, 0], x, y) }),
      svg("path", { class: "line all", d: linePath(curve.threshold, curve.treat_all, x, y) }),
      svg("path", { class: "line fitted", d: linePath(curve.threshold, curve.model, x, y) })));
}

/** What leaves the plot is cut off. */
function inside(...lines) {
  const { left, top, right, bottom } = BOX;
  const frame = { x: left, y: top, width: right - left, height: bottom - top };
  return svg("svg", { ...frame, viewBox: `${left} ${top} ${frame.width} ${frame.height}` }, lines);
}

function twin(curve, say, texts) {
  const rows = rowsOf(curve).map((row) => [
    share(row.threshold, texts),
    valueText(NET_BENEFIT, row.model, texts),
    valueText(NET_BENEFIT, row.all, texts),
    valueText(NET_BENEFIT, 0, texts),
  ]);
  return table([say("x_short"), say("model"), say("all"), say("none")], rows, say("title"));
}
