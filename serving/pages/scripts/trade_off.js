// The trade-off in one picture: the first main outcome across, the last one upward, a cross for every option.

import { h, svg } from "./dom.js";
import { ofHundred } from "./numbers.js";
import { letter } from "./option_results.js";
import { outcomeName } from "./wording.js";

const BOX = { width: 220, height: 190, left: 34, right: 12, top: 10, bottom: 34 };
const STEP = 0.2;

/**
 * Draw the picture; null with fewer than two main outcomes.
 * @param {object} answer of POST /risk/options
 * @param {{texts: object, asked: number[]}} panel
 */
export function tradeOff(answer, { texts, asked }) {
  const main = answer.base.outcomes.filter((outcome) => outcome.main);
  if (main.length < 2) return null;
  const [across, up] = [main[0], main.at(-1)];
  const of = ({ outcomes }) => [across, up].map(({ name }) => outcomes.find((outcome) => outcome.name === name));
  const shown = [{ name: "A", at: of(answer.base) }, ...answer.options.map((option, place) => ({ name: letter(asked[place]), at: of(option) }))];
  const ends = [0, 1].map((axis) => Math.min(1, STEP * Math.ceil(Math.max(...shown.map(({ at }) => at[axis].interval.high)) / STEP)));
  const x = (risk) => BOX.left + (BOX.width - BOX.left - BOX.right) * (risk / ends[0]);
  const y = (risk) => BOX.height - BOX.bottom - (BOX.height - BOX.top - BOX.bottom) * (risk / ends[1]);
  const names = [across, up].map((outcome) => outcomeName(outcome, texts));
  const words = shown.map(({ name, at }) => `${name}: ${at.map((outcome, axis) => `${names[axis]} ${ofHundred(outcome.risk, texts)}`).join(", ")}`).join("; ");
  return h("figure", {},
    svg("svg.trade-off-chart", { viewBox: `0 0 ${BOX.width} ${BOX.height}`, role: "img", "aria-label": words },
      axes(ends, x, y),
      shown.map((each, place) => cross(each, place, x, y))),
    h("figcaption.quiet", {}, texts.say("compare.picture", { across: names[0], up: names[1] })));
}

function axes(ends, x, y) {
  const ticks = (end) => Array.from({ length: Math.round(end / STEP) + 1 }, (_, step) => step * STEP);
  return [
    svg("line.axis-line", { x1: x(0), x2: x(ends[0]), y1: y(0), y2: y(0) }), svg("line.axis-line", { x1: x(0), x2: x(0), y1: y(0), y2: y(ends[1]) }),
    ticks(ends[0]).map((risk) => svg("text.tick-text", { x: x(risk), y: y(0) + 15, "text-anchor": "middle" }, Math.round(100 * risk))),
    ticks(ends[1]).map((risk) => svg("text.tick-text", { x: x(0) - 6, y: y(risk) + 4, "text-anchor": "end" }, Math.round(100 * risk))),
  ];
}

/** An option: its name at both risks, with their intervals as the arms of a cross. */
function cross({ name, at: [across, up] }, place, x, y) {
  const [cx, cy] = [x(across.risk), y(up.risk)];
  return svg(`g.cross.option-${place}`, {},
    svg("line.arm", { x1: x(across.interval.low), x2: x(across.interval.high), y1: cy, y2: cy }),
    svg("line.arm", { x1: cx, x2: cx, y1: y(up.interval.low), y2: y(up.interval.high) }),
    svg("circle", { cx, cy, r: 9 }), svg("text", { x: cx, y: cy + 4, "text-anchor": "middle" }, name));
}
