// Where marks stand on the drawings.

import assert from "node:assert/strict";
import { test } from "node:test";

import { months, placed } from "../../serving/pages/scripts/curve.js";
import { plot, statesPlot } from "../../serving/pages/scripts/plot.js";
import { everything, standIn, textOf } from "./drawn.js";

standIn();

function spots(points, lastDay, highest) {
  return placed(points, lastDay, highest).split(" ").map((spot) => spot.split(",").map(Number));
}

/** Left end and width of every part of a plot with a class, in percent of the line. */
function laid(drawn, name) {
  return everything(drawn).filter(({ attributes }) => attributes.class?.split(" ").includes(name)).map(({ style }) => [style.left, style.width].filter(Boolean).map(parseFloat));
}

test("the line is straight: the risk at its share, the interval from low to high", () => {
  const drawn = plot({ risk: 0.25, low: 0.125, high: 0.5 }, [{ risk: 0.75, text: "average 75" }], "25 of 100");
  assert.deepEqual([laid(drawn, "dot"), laid(drawn, "interval"), laid(drawn, "mark")], [[[25]], [[12.5, 37.5]], [[75]]]);
  assert.equal(drawn.attributes["aria-label"], "25 of 100");
});

test("nothing is beyond the ends of the line, and names are in one line in the order of their marks", () => {
  const drawn = plot({ risk: 1.1, low: -0.1, high: 1 }, [0.99, 0.02, 0.49].map((risk) => ({ risk, text: `x ${100 * risk}` })), "");
  assert.deepEqual([laid(drawn, "dot"), laid(drawn, "interval")], [[[100]], [[0, 100]]]);
  assert.deepEqual(laid(drawn, "mark"), [[99], [2], [49]]);
  const [names] = everything(drawn).filter(({ attributes }) => attributes.class === "names");
  assert.equal(textOf(names), "x 2 · x 49 · x 99");
  assert.deepEqual(names.children.map(({ style }) => style.flexGrow), [0.5, undefined, 0.5]);
});

test("states fill the line one after the other, with their number where it fits", () => {
  const states = [[76, "part-1"], [3, "part-2"], [21, "neither"]].map(([whole, look]) => ({ whole, look, low: 0.46, high: 0.95 }));
  const drawn = statesPlot(states, [], "");
  assert.deepEqual(laid(drawn, "part"), [[0, 76], [76, 3], [79, 21]]);
  assert.equal(textOf(drawn), "7621");
  assert.deepEqual(laid(drawn, "interval").map(([left]) => left), [46]);
});

test("days run to the right, risks upwards", () => {
  const [[x0, y0], [x1, y1]] = spots([{ day: 0, risk: 0 }, { day: 365, risk: 0.4 }], 365, 0.4);
  assert.ok(x1 > x0 && y1 < y0);
});

test("half of the days is half of the way, half of the highest risk half of the height", () => {
  const [[x0, y0], [x, y], [x1, y1]] = spots([{ day: 0, risk: 0 }, { day: 50, risk: 0.4 }, { day: 100, risk: 0.8 }], 100, 0.8);
  assert.equal(x, (x0 + x1) / 2);
  assert.equal(y, (y0 + y1) / 2);
});

test("days are told in whole months", () => {
  assert.deepEqual([30, 90, 180, 365, 730].map(months), [1, 3, 6, 12, 24]);
});
