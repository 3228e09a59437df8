// In the silent phase the page shows no risk: it says what is recorded, and records by choice.

import assert from "node:assert/strict";
import { test } from "node:test";

import { silent } from "../../serving/pages/scripts/silent.js";
import { textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

standIn();

for (const language of ["en", "ru"]) {
  test(`the phase is explained in ${language}`, () => {
    const texts = textsOf(language);
    const drawn = textOf(silent(texts, async () => ({})));
    for (const key of ["title", "words", "kept", "record"]) assert.ok(drawn.includes(texts.say(`silent.${key}`)));
  });
}

/** Draw, press the button, and give what is then to be seen. */
async function pressed(reply) {
  const drawn = everything(silent(textsOf("en"), async () => reply));
  const button = drawn.find(({ tag }) => tag === "button");
  await button.listeners.click();
  return { button, number: drawn.find(({ tag }) => tag === "input"), said: drawn.find(({ attributes }) => attributes.role === "status") };
}

test("a recorded patient has a number, and is not recorded twice", async () => {
  const { button, number, said } = await pressed({ answer: { prediction_id: "r1" }, problem: "" });
  assert.equal(number.value, "r1");
  assert.equal(number.hidden, false);
  assert.equal(button.disabled, true);
  assert.match(said.textContent, /^Recorded\./);
});

test("what cannot be recorded is said, and can be tried again", async () => {
  const { button, number, said } = await pressed({ answer: null, problem: "handing.unrecorded" });
  assert.equal(number.hidden, true);
  assert.equal(button.disabled, false);
  assert.match(said.textContent, /^Not done/);
});
