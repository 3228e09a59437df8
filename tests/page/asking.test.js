// Only the newest answer is ever shown, and a service that is gone is asked again. Time is counted by hand.

import assert from "node:assert/strict";
import { test } from "node:test";

import { Asker, DEBOUNCE_MS, PATIENCE_MS, RETRY_MS, refusalText } from "../../serving/pages/scripts/asking.js";

/** A clock that stands still until it is moved. */
class Clock {
  now = 0;
  timers = new Map();
  set = (call, milliseconds) => {
    const id = Symbol("timer");
    this.timers.set(id, { call, at: this.now + milliseconds });
    return id;
  };
  clear = (id) => this.timers.delete(id);

  async move(milliseconds) {
    this.now += milliseconds;
    const due = [...this.timers].filter(([, { at }]) => at <= this.now).sort(([, one], [, other]) => one.at - other.at);
    for (const [id, { call }] of due) {
      this.timers.delete(id);
      call();
    }
    await settled();
  }
}

function settled() {
  return new Promise((resolve) => { setImmediate(resolve); });
}

/** An asker whose questions wait until the test answers them. */
function setup() {
  const clock = new Clock();
  const questions = [];
  const heard = [];
  const asker = new Asker({
    clock,
    ask: (patient, signal) => new Promise((resolve, reject) => { questions.push({ patient, signal, resolve, reject }); }),
    show: (answer, patient) => heard.push(["show", answer, patient]),
    refused: (body, _, status) => heard.push(["refused", body, ...(status === 401 ? [status] : [])]),
    gone: () => heard.push(["gone"]),
  });
  const reply = async (place, status, body = {}) => {
    questions[place].resolve({ status, body });
    await settled();
  };
  return { asker, clock, questions, heard, reply };
}

test("ten quick edits ask once, with the last", async () => {
  const { asker, clock, questions, heard, reply } = setup();
  for (let age = 1; age <= 10; age += 1) {
    asker.send({ age });
    await clock.move(DEBOUNCE_MS - 1);
  }
  assert.equal(questions.length, 0);
  await clock.move(1);
  assert.deepEqual(questions.map(({ patient }) => patient), [{ age: 10 }]);
  await reply(0, 200, { risk: 0.1 });
  assert.deepEqual(heard, [["show", { risk: 0.1 }, { age: 10 }]]);
});

test("an answer that was overtaken is never shown, whichever comes first", async () => {
  const { asker, clock, heard, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  asker.send({ age: 2 });
  await clock.move(DEBOUNCE_MS);
  await reply(1, 200, "second");
  await reply(0, 200, "first");
  assert.deepEqual(heard, [["show", "second", { age: 2 }]]);
});

test("an answer is overtaken by the edit, before the next question is asked", async () => {
  const { asker, clock, heard, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  asker.send({ age: 2 });
  await reply(0, 200, "first");
  assert.deepEqual(heard, []);
});

test("a question that is overtaken is aborted", async () => {
  const { asker, clock, questions } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  assert.equal(questions[0].signal.aborted, false);
  asker.send({ age: 2 });
  assert.equal(questions[0].signal.aborted, true);
});

test("the failure of an aborted question is nobody's business", async () => {
  const { asker, clock, questions, heard } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  asker.cancel();
  questions[0].reject(new DOMException("aborted", "AbortError"));
  await clock.move(10 * RETRY_MS);
  assert.deepEqual(heard, []);
  assert.equal(questions.length, 1);
});

test("after cancelling nothing is asked", async () => {
  const { asker, clock, questions } = setup();
  asker.send({ age: 1 });
  asker.cancel();
  await clock.move(10 * RETRY_MS);
  assert.equal(questions.length, 0);
});

for (const status of [0, 429, 500, 502, 503, 504]) {
  test(`a service that answers ${status} is gone, and asked again until it answers`, async () => {
    const { asker, clock, questions, heard, reply } = setup();
    asker.send({ age: 1 });
    await clock.move(DEBOUNCE_MS);
    await reply(0, status);
    assert.deepEqual(heard, [["gone"]]);
    await clock.move(RETRY_MS - 1);
    assert.equal(questions.length, 1);
    await clock.move(1);
    await reply(1, status);
    await clock.move(RETRY_MS);
    await reply(2, 200, "back");
    assert.deepEqual(heard, [["gone"], ["gone"], ["show", "back", { age: 1 }]]);
  });
}

test("a service that does not answer at all is gone", async () => {
  const { asker, clock, questions, heard } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  questions[0].reject(new TypeError("Failed to fetch"));
  await settled();
  assert.deepEqual(heard, [["gone"]]);
});

test("a service that keeps silent is given up, and asked again", async () => {
  const { asker, clock, questions, heard, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  questions[0].signal.addEventListener("abort", () => questions[0].reject(new DOMException("aborted", "AbortError")));
  await clock.move(PATIENCE_MS - 1);
  assert.deepEqual(heard, []);
  await clock.move(1);
  assert.deepEqual(heard, [["gone"]]);
  await clock.move(RETRY_MS);
  await reply(1, 200, "back");
  assert.deepEqual(heard.at(-1), ["show", "back", { age: 1 }]);
});

test("a service that has answered is not given up later", async () => {
  const { asker, clock, questions, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  await reply(0, 200);
  await clock.move(10 * PATIENCE_MS);
  assert.equal(questions[0].signal.aborted, false);
});

test("while the service is gone, an edit asks with the new patient alone", async () => {
  const { asker, clock, questions, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  await reply(0, 503);
  asker.send({ age: 2 });
  await clock.move(2 * RETRY_MS);
  assert.deepEqual(questions.map(({ patient }) => patient.age), [1, 2]);
});

for (const status of [400, 413, 415, 422]) {
  test(`a refusal with ${status} is told, and not asked again`, async () => {
    const { asker, clock, questions, heard, reply } = setup();
    asker.send({ age: 300 });
    await clock.move(DEBOUNCE_MS);
    await reply(0, status, { error: "refused" });
    await clock.move(10 * RETRY_MS);
    assert.deepEqual(heard, [["refused", { error: "refused" }]]);
    assert.equal(questions.length, 1);
  });
}

test("a sign-on that has ended is no fault of the values", async () => {
  const { asker, clock, heard, reply } = setup();
  asker.send({ age: 1 });
  await clock.move(DEBOUNCE_MS);
  await reply(0, 401, { error: "not known" });
  await clock.move(RETRY_MS);
  assert.deepEqual(heard, [["refused", { error: "not known" }, 401]]);
  assert.deepEqual([401, 403, 422, 400].map(refusalText),
    ["trouble.signed_out", "trouble.signed_out", "trouble.refused", "trouble.refused"]);
});
