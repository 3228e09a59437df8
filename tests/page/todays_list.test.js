// Today's list: kept in the tab, saved as a file that only its password opens.

import assert from "node:assert/strict";
import { test } from "node:test";

import { FORMAT, open, seal } from "../../serving/pages/scripts/sealed_file.js";
import { TodaysList } from "../../serving/pages/scripts/todays_list.js";
import { makeAnswer, textsOf } from "./answer.js";
import { standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const PASSWORD = "correct horse battery";
const ENTRIES = { age_years: { text: "31", unit: "years" } };

standIn();

function listWith(...patients) {
  const list = new TodaysList(() => {});
  list.draw(EN);
  for (const entries of patients) {
    list.update(makeAnswer(), entries);
    list.add();
  }
  return list;
}

/** A file as a browser gives it. */
function fileOf(text) {
  return { files: [{ text: async () => text }], value: "list.json" };
}

async function imported(list, text, password = PASSWORD) {
  Object.assign(list.file, fileOf(text));
  list.password.value = password;
  await list.import();
  return textOf(list.said);
}

test("what is sealed with a password is opened by it, and by no other", async () => {
  const text = await seal({ patients: [1, "ü"] }, PASSWORD);
  assert.deepEqual(await open(text, PASSWORD), { data: { patients: [1, "ü"] }, problem: "" });
  assert.equal((await open(text, `${PASSWORD}.`)).problem, "wrong_password");
  assert.equal(JSON.parse(text).format, FORMAT);
});

test("two files of the same list have nothing in common that could be compared", async () => {
  const [one, other] = (await Promise.all([seal("x", PASSWORD), seal("x", PASSWORD)])).map((text) => JSON.parse(text));
  for (const part of ["salt", "iv", "data"]) assert.notEqual(one[part], other[part]);
});

test("a file that was altered is not opened", async () => {
  const file = JSON.parse(await seal({ patients: [] }, PASSWORD));
  file.data = `${file.data[0] === "A" ? "B" : "A"}${file.data.slice(1)}`;
  assert.equal((await open(JSON.stringify(file), PASSWORD)).problem, "wrong_password");
});

for (const text of ["", "null", "[]", "{}", '{"format": "cart-outcomes-list-1"}', '{"format":"cart-outcomes-list-1","iterations":1e12,"salt":"AA==","iv":"AA==","data":"AA=="}']) {
  test(`"${text.slice(0, 60)}" is no saved list`, async () => {
    assert.equal((await open(text, PASSWORD)).problem, "not_a_list");
  });
}

test("a patient is added with the risks that are shown, and removed again", () => {
  const list = listWith(ENTRIES, ENTRIES);
  assert.match(textOf(list.table), /Patient 1 .*Severe CRS 20 \(10 to 33\)No response or relapse 50 \(40 to 60\)/);
  assert.equal(textOf(list.title), "Today's list (2)");
  list.remove(list.patients[0]);
  assert.deepEqual(list.patients.map(({ number }) => number), [2]);
});

test("without an answer nothing is added", () => {
  const list = listWith();
  list.add();
  assert.equal(textOf(list.said), "There is no answer to add.");
  list.update(makeAnswer(), ENTRIES);
  list.withoutCurrent();
  list.add();
  assert.equal(list.patients.length, 0);
});

test("later edits of the form do not change the list", () => {
  const entries = structuredClone(ENTRIES);
  const list = listWith(entries);
  entries.age_years.text = "99";
  assert.equal(list.patients[0].entries.age_years.text, "31");
});

test("a saved list is added to the one that is open", async () => {
  const list = listWith(ENTRIES);
  const text = await seal({ patients: list.patients }, PASSWORD);
  assert.equal(await imported(list, text), "Patients added from the file: 1.");
  assert.deepEqual(list.patients.map(({ number }) => number), [1, 2]);
  assert.equal(await imported(list, text, "another password"), "The password does not open this file.");
  assert.equal(await imported(list, "{}"), "This file is not a saved list.");
});

for (const [name, patients] of [["no list", "x"], ["no entries", [{ at: "", risks: [] }]], ["markup for a number", [{ at: "", entries: { age_years: { text: 1, unit: "" } }, risks: [] }]], ["a risk that is none", [{ at: "", entries: {}, risks: [{ name: "x", risk: null, low: 0, high: 1 }] }]]]) {
  test(`a file with ${name} in it is refused whole`, async () => {
    const list = listWith();
    assert.equal(await imported(list, await seal({ patients }, PASSWORD)), "This file is not a saved list.");
    assert.equal(list.patients.length, 0);
  });
}

test("a short password or an empty list is not saved", async () => {
  const list = listWith();
  await list.export();
  assert.equal(textOf(list.said), "The list is empty.");
  const full = listWith(ENTRIES);
  full.password.value = "short";
  await full.export();
  assert.equal(textOf(full.said), "The password needs at least 12 characters.");
});

test("a list is saved after each of its patients is in the record, and not without", async () => {
  const asked = [];
  const problems = ["", "handing.unrecorded"];
  const handing = { recorded: async (_, answer, question, use) => { asked.push([question, use]); return { problem: problems[asked.length - 1] }; } };
  const list = new TodaysList(() => {}, handing);
  list.draw(EN);
  for (const age of [31, 62]) {
    list.update(makeAnswer(), ENTRIES, { age_years: age });
    list.add();
  }
  list.password.value = PASSWORD;
  await list.export();
  assert.deepEqual(asked, [[{ age_years: 31 }, "exported"], [{ age_years: 62 }, "exported"]]);
  assert.match(textOf(list.said), /^Not done/);
  assert.equal(list.password.value, PASSWORD);
});

test("a patient from a file was recorded when it was saved", async () => {
  const handing = { recorded: async () => assert.fail("recorded twice") };
  const list = new TodaysList(() => {}, handing);
  list.draw(EN);
  list.patients.push({ number: 1, at: "", entries: ENTRIES, risks: [] });
  assert.equal(await list.recorded(), "");
});
