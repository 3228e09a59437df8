// Where marks stand on the drawings.

import assert from "node:assert/strict";
import { test } from "node:test";

import { months, placed } from "../../serving/pages/scripts/curve.js";
import { place } from "../../serving/pages/scripts/scale.js";

function spots(points, lastDay, highest) {
  return placed(points, lastDay, highest).split(" ").map((spot) => spot.split(",").map(Number));
}

test("the scale is straight, with the same margin at both ends", () => {
  const [none, quarter, half, all] = [0, 0.25, 0.5, 1].map(place);
  assert.ok(none > 0);
  assert.equal(half, (none + all) / 2);
  assert.equal(quarter, (none + half) / 2);
  assert.equal(none + all, 2 * 125);
});

test("nothing stands outside of the scale", () => {
  assert.deepEqual([-0.1, 1.1].map(place), [0, 1].map(place));
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
