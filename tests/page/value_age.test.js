// The age of a laboratory value: in the note, flagged when stale, never in a request.

import assert from "node:assert/strict";
import { test } from "node:test";

import { readForm } from "../../serving/pages/scripts/reading.js";
import { ageOf, ageWords, drawAge, STALE_DAYS, staleUse } from "../../serving/pages/scripts/value_age.js";
import { typedValue } from "../../serving/pages/scripts/wording.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");

standIn();

function drawn(entry) {
  return drawAge("ferritin_ug_l", entry, { texts: EN, label: "Ferritin", changed: () => {} }).element;
}

test("an age is a whole number of days", () => {
  assert.deepEqual(["0", "7", "365", "", "-1", "1.5", "x", undefined].map((age) => ageOf({ age })), [0, 7, 365, null, null, null, null, null]);
});

test("it is written beside the value, in the language's own forms", () => {
  const entry = { text: "1800", unit: "ug/L", age: "1" };
  const spec = makeForm().fields.ferritin_ug_l;
  assert.equal(typedValue("ferritin_ug_l", spec, entry, EN), "1800 µg/L (1 day old)");
  assert.equal(ageWords({ age: "3" }, RU), "давность 3 дня");
  assert.equal(typedValue("ferritin_ug_l", spec, { text: "", unit: "ug/L", age: "3" }, EN), "");
});

test("it is asked only of a value, and flagged from the day after the last that counts as current", () => {
  assert.equal(drawn({ text: "" }).hidden, true);
  assert.equal(drawn({ text: "5", age: "" }).hidden, false);
  assert.doesNotMatch(textOf(drawn({ text: "5", age: String(STALE_DAYS) })), /▲/);
  assert.match(textOf(drawn({ text: "5", age: String(STALE_DAYS + 1) })), /▲ older than 7 days/);
  assert.match(textOf(drawn({ text: "5", age: "x" })), /▲ whole days/);
});

test("it is no part of a request", () => {
  const form = makeForm();
  const entries = Object.fromEntries(Object.entries(form.fields).map(([name, spec]) => [name, { text: "", unit: spec.units[0].name }]));
  entries.ferritin_ug_l = { text: "1800", unit: "ug/L", age: "3" };
  assert.deepEqual(readForm(form, entries, { dose_1e6_per_kg: false }).patient, { ferritin_ug_l: 1800 });
});

test("an old value marks the outcomes that use it, by their model or by a score beside it", () => {
  const [crs] = makeAnswer().outcomes;
  const words = (age, outcome = crs) => textOf(staleUse(outcome, { entries: { ferritin_ug_l: { text: "1800", unit: "ug/L", age } }, form: makeForm(), texts: EN }));
  assert.equal(words("12"), "▲ uses ferritin 12 days old");
  assert.equal(words(String(STALE_DAYS)), "");
  const without = { ...crs, field_use: { ...crs.field_use, ferritin_ug_l: "unused" } };
  assert.equal(words("12", without), "");
  assert.match(words("12", { ...without, scores: [{ risk: 0.4, inputs: ["ferritin_ug_l"] }] }), /ferritin/);
  assert.equal(words("12", { ...without, scores: [{ risk: null, inputs: ["ferritin_ug_l"] }] }), "");
});
