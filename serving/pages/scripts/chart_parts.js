// What stands around a chart: its frame, a legend that needs no colour, and the same numbers as a table.

import { h, svg } from "./dom.js";

/** A table that scrolls by itself where the page is narrow. */
export function wide(label, ...children) {
  return h("div.wide", { role: "group", "aria-label": label, tabindex: "0" }, children);
}

/**
 * A plain table of texts; the first cell of every row is its header.
 * @param {string[]} head
 * @param {Array<Array<string|Node>>} rows
 * @param {string} [caption] for those who hear the page
 */
export function table(head, rows, caption = "") {
  return h("table", {},
    caption && h("caption.unseen", {}, caption),
    h("thead", {}, h("tr", {}, head.map((cell) => h("th", { scope: "col" }, cell)))),
    h("tbody", {}, rows.map(([first, ...rest]) => h("tr", {}, h("th", { scope: "row" }, first), rest.map((cell) => h("td.number", {}, cell))))));
}

/**
 * A chart with title, legend, note and table.
 * @param {object} parts
 * @param {string} parts.title
 * @param {SVGElement} parts.chart
 * @param {Array<{mark: string, text: string}>} parts.legend marks: "line", "dashed", "dotted", "band", "dot", "bar"
 * @param {string} parts.note
 * @param {{summary: string, table: HTMLElement}} parts.twin
 */
export function chartFigure({ title, chart, legend, note, twin }) {
  return h("figure.chart", {},
    h("figcaption", {}, h("h4", {}, title), h("p.note", {}, note)),
    chart,
    h("ul.legend", {}, legend.map(({ mark, kind, text }) => h("li", {}, swatch(mark, kind), text))),
    h("details", {}, h("summary", {}, twin.summary), wide(twin.summary, twin.table)));
}

function swatch(mark, kind = "") {
  const drawn = {
    line: () => svg("path", { class: `line ${kind}`, d: "M1 7H27" }),
    band: () => svg("rect.band", { x: 1, y: 2, width: 26, height: 10 }),
    dot: () => svg("circle.dot", { cx: 14, cy: 7, r: 4 }),
    bar: () => svg("path.bar", { d: "M4 13V6H10V13ZM11 13V2H17V13ZM18 13V8H24V13Z" }),
  };
  return svg("svg", { class: "swatch", viewBox: "0 0 28 14", "aria-hidden": "true" }, drawn[mark]());
}
