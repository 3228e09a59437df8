// Tables of out-of-fold metrics: figures, gains over the baselines, centers.

import { scale } from "./chart_axes.js";
import { table, wide } from "./chart_parts.js";
import { h, svg } from "./dom.js";
import { GAIN, countWords, intervalText, kindOf, ordered, valueText, verdictOf } from "./measured.js";
import { served } from "./served.js";
import { horizon } from "./wording.js";

/**
 * Figures at the headline horizon with what each says, and those of the other horizons folded away. A horizon with few
 * events has none.
 * @param {object} outcome of the card
 * @param {number} headline horizon in days
 * @param {import("./texts.js").Texts} texts
 */
export function figures(outcome, headline, texts) {
  const measured = Object.keys(outcome.metrics).filter((days) => Object.keys(outcome.metrics[days]).length);
  const others = measured.map(Number).filter((days) => days !== headline).sort((one, other) => one - other);
  const title = texts.say("model.figures.title", { by: texts.say("page.by", { horizon: horizon(headline, texts) }) });
  return h("div", {}, h("h4", {}, title), explained(outcome.metrics[headline], title, texts),
    others.length > 0 && compared(outcome, others, texts));
}

function explained(metrics, title, texts) {
  const explainedKinds = new Set([GAIN]);
  const rows = ordered(Object.keys(metrics)).filter((name) => name !== GAIN).map((name) => {
    const { kind } = kindOf(name);
    const means = explainedKinds.has(kind) ? "" : texts.say(`model.figures.${kind}.means`, {}, "");
    explainedKinds.add(kind);
    return [
      h("span", {}, h("span.name", {}, figureName(name, texts)), means && h("span.note", {}, means)),
      valueText(name, metrics[name].value, texts),
      intervalText(name, metrics[name], texts),
    ];
  });
  const head = [texts.say("model.figures.figure"), texts.say("model.figures.value"), texts.say("model.ninety")];
  return wide(title, h("div.measures-table", {}, table(head, rows, title)));
}

function compared(outcome, others, texts) {
  const title = texts.say("model.figures.others");
  const names = ordered(Object.keys(outcome.metrics[others[0]]));
  const rows = names.map((name) => [figureName(name, texts), ...others.map((days) => both(name, outcome.metrics[days][name], texts))]);
  const head = [texts.say("model.figures.figure"), ...others.map((days) => horizon(days, texts))];
  return h("details", {}, h("summary", {}, title), wide(title, table(head, rows, title)));
}

/** Name of a figure in words. */
export function figureName(name, texts) {
  const { kind, threshold } = kindOf(name);
  return texts.say(`model.figures.${kind}.title`, { threshold }, name);
}

function both(name, measured, texts) {
  if (!measured) return "–";
  const interval = intervalText(name, measured, texts);
  return h("span", {}, valueText(name, measured.value, texts), interval !== "–" && h("span.note", {}, interval));
}

/**
 * What the model gains over each baseline, in the same folds.
 * @param {Object<string, {value: number|null, low: number|null, high: number|null}>} paired
 * @param {import("./texts.js").Texts} texts
 */
export function gains(paired, texts) {
  const known = Object.entries(paired);
  if (!known.length) return null;
  const say = (key) => texts.say(`model.gains.${key}`);
  const x = scale(gainSpan(Object.values(paired)), [0, 120]);
  const rows = known.map(([name, gain]) => [
    h("span", {}, h("span.name", {}, texts.say(`model.baselines.${name}`, {}, name)), h("span.note", {}, say(verdictOf(gain)))),
    valueText(GAIN, gain.value, texts), intervalText(GAIN, gain, texts), whisker(gain, x),
  ]);
  const head = [say("against"), say("gain"), texts.say("model.ninety"), h("span.unseen", {}, say("drawn"))];
  return h("div", {}, h("h4", {}, say("title")), h("p.note", {}, say("note")),
    wide(say("title"), h("div.gains-table", {}, table(head, rows, say("title")))));
}

/** From which to which gain the drawing reaches; 0 is always within. */
export function gainSpan(found) {
  const ends = found.flatMap(({ value, low, high }) => [value, low, high]).filter((end) => end !== null);
  const [low, high] = [Math.min(0, ...ends), Math.max(0, ...ends)];
  const room = 0.06 * (high - low || 1);
  return [low - room, high + room];
}

function whisker({ value, low, high }, x) {
  return svg("svg", { class: "whisker", viewBox: "0 0 120 20", "aria-hidden": "true" },
    svg("line.zero", { x1: x(0), x2: x(0), y1: 0, y2: 20 }),
    low !== null && high !== null && svg("line.reach", { x1: x(low), x2: x(high), y1: 10, y2: 10 }),
    value !== null && svg("circle.dot", { cx: x(value), cy: 10, r: 4 }));
}

/**
 * Performance in each center of a model trained on the others.
 * @param {Object<string, object>} byCenter
 * @param {string[]} notes centers that were left out
 * @param {import("./texts.js").Texts} texts
 */
export function centers(byCenter, notes, texts) {
  const known = Object.entries(byCenter);
  const left = notes.length > 0 && h("ul", {}, notes.map((note) => h("li", {}, served("", note, texts))));
  if (!known.length) return left || null;
  const say = (key, values) => texts.say(`model.centers.${key}`, values);
  const names = ordered([...new Set(known.flatMap(([, center]) => Object.keys(center.metrics)))]);
  const rows = known.map(([n, center]) => [
    say("center", { n }),
    texts.number(center.n_infusions), countWords(center.n_events, texts),
    ...names.map((name) => both(name, center.metrics[name], texts)),
  ]);
  const head = [say("which"), say("infusions"), say("events"), ...names.map((name) => figureName(name, texts))];
  return h("div", {}, h("h4", {}, say("title")), h("p.note", {}, say("note")), wide(say("title"), h("div.firm", {}, table(head, rows, say("title")))), left);
}
