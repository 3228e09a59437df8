// What leaves the page waits for the record; what cannot be recorded does not leave.

import assert from "node:assert/strict";
import { test } from "node:test";

import { CHANGED, HandingOver, UNRECORDED } from "../../serving/pages/scripts/handing_over.js";

const SHOWN = { prediction_id: "a", bundle: { digest: "one" } };
const QUESTION = { age_years: 31 };

/** A service that answers with a status; what it was asked is in `questions`. */
function setup(status, digest = "one") {
  const questions = [];
  const handing = new HandingOver(async (...question) => {
    questions.push(question);
    if (status === 0) throw new TypeError("Failed to fetch");
    return { status, body: { prediction_id: `r${questions.length}`, bundle: { digest } } };
  });
  return { handing, questions, record: (use) => handing.recorded("risk", SHOWN, QUESTION, use) };
}

test("the recorded answer is handed over, with its own identifier", async () => {
  const { questions, record } = setup(200);
  assert.deepEqual(await record("copied"), { answer: { prediction_id: "r1", bundle: { digest: "one" } }, problem: "" });
  assert.deepEqual(questions, [["risk", QUESTION, "copied"]]);
});

test("an answer is recorded once for each use, also when a button is pressed twice", async () => {
  const { questions, record } = setup(200);
  await Promise.all([record("copied"), record("copied")]);
  await record("printed");
  await record("copied");
  assert.deepEqual(questions.map(([, , use]) => use), ["copied", "printed"]);
});

for (const [status, problem] of [[0, UNRECORDED], [503, UNRECORDED], [400, UNRECORDED], [429, UNRECORDED], [401, "trouble.signed_out"], [403, "trouble.signed_out"]]) {
  test(`after ${status} nothing is handed over, and the next press asks again`, async () => {
    const { questions, record } = setup(status);
    assert.deepEqual(await record("exported"), { answer: null, problem });
    await record("exported");
    assert.equal(questions.length, 2);
  });
}

test("after a new release the risks have to be read first", async () => {
  const { record } = setup(200, "two");
  const { answer, problem } = await record("printed");
  assert.equal(problem, CHANGED);
  assert.equal(answer.bundle.digest, "two");
});
