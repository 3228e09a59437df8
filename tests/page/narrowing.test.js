// Which missing values are offered first, and that what was offered stays where it is.

import assert from "node:assert/strict";
import { test } from "node:test";

import { chosenNarrowing, OFFERED, rankedMissing } from "../../serving/pages/scripts/narrowing.js";
import { makeAnswer } from "./answer.js";
import { makeFamilyAnswer } from "./family.js";

const ALL = ["a", "b", "c", "d", "e", "f", "g", "h"];

test("missing fields come in the order of what knowing them narrows, a composite by its inputs", () => {
  assert.deepEqual(rankedMissing(makeAnswer()), ["ferritin_ug_l", "creatinine_mg_dl"]);
});

test("a field that narrows no main risk by a point is not offered, nor one that is known", () => {
  const answer = makeAnswer();
  answer.missing = ["ferritin_ug_l"];
  assert.deepEqual(rankedMissing(answer), ["ferritin_ug_l"]);
  for (const outcome of answer.outcomes) for (const cost of outcome.missing_costs) cost.width = 0.004;
  assert.deepEqual(rankedMissing(answer), []);
});

test("what only further outcomes gain is not offered", () => {
  const answer = makeAnswer();
  answer.outcomes[1].main = false;
  assert.deepEqual(rankedMissing(answer), ["creatinine_mg_dl"]);
});

test("what only the other outcomes of a family gain is not offered: the table of the main ones has no number of it", () => {
  const answer = makeFamilyAnswer();
  answer.outcomes[2].missing_costs = [{ field: "age_years", title: "Age", inputs: ["age_years"], width: 0.2 }];
  answer.missing.push("age_years");
  assert.ok(!rankedMissing(answer).includes("age_years"));
});

test("the best missing ones are offered, no more than fit", () => {
  assert.deepEqual(chosenNarrowing([], ALL, ALL, () => false), ALL.slice(0, OFFERED));
  assert.deepEqual(chosenNarrowing([], ["x", "b"], ALL, () => false), ["b"]);
});

test("what was entered stays first in its order, beside the best missing ones", () => {
  const filled = new Set(["b", "a"]);
  assert.deepEqual(chosenNarrowing(["b", "a", "c"], ["d", "c"], ALL, (name) => filled.has(name)), ["b", "a", "d", "c"]);
});

test("without an answer nothing is moved, and a field that is asked elsewhere is gone", () => {
  assert.deepEqual(chosenNarrowing(["b", "a"], null, ALL, () => false), ["b", "a"]);
  assert.deepEqual(chosenNarrowing(["b", "z"], null, ALL, () => false), ["b"]);
});
