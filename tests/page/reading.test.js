// From what was typed to a request.

import assert from "node:assert/strict";
import { test } from "node:test";

import { askedFields, emptyEntry, factorOf, isRequired, readEntry, readForm } from "../../serving/pages/scripts/reading.js";
import { makeForm } from "./answer.js";

const ITSELF = { dose_1e6_per_kg: false };
const INPUTS = { dose_1e6_per_kg: true };

function read(name, text, unit) {
  const spec = makeForm().fields[name];
  return readEntry(spec, { ...emptyEntry(spec), text, ...(unit && { unit }) });
}

function entries(typed) {
  const { fields } = makeForm();
  return Object.fromEntries(Object.entries(fields).map(([name, spec]) => [name, { ...emptyEntry(spec), text: typed[name] ?? "" }]));
}

const WHOLE = { age_years: "31", prior_lines: "3", prior_inotuzumab: "false", dose_1e6_per_kg: "1,5" };

test("an entry begins unknown, in the schema's unit", () => {
  assert.deepEqual(emptyEntry(makeForm().fields.creatinine_mg_dl), { text: "", unit: "mg/dL" });
});

test("what is blank is not known, and no problem", () => {
  for (const name of ["age_years", "sex", "prior_inotuzumab", "prior_lines"]) {
    assert.deepEqual(read(name, "  "), { value: null, problem: null });
  }
});

test("each kind is read as what it is", () => {
  assert.equal(read("age_years", "31,5").value, 31.5);
  assert.equal(read("prior_lines", "3").value, 3);
  assert.equal(read("sex", "female").value, "female");
  assert.equal(read("prior_inotuzumab", "true").value, true);
  assert.equal(read("prior_inotuzumab", "false").value, false);
});

test("88.42 umol/L of creatinine are 1 mg/dL", () => {
  const spec = makeForm().fields.creatinine_mg_dl;
  assert.equal(factorOf(spec, { unit: "umol/L" }), 1 / 88.42);
  assert.ok(Math.abs(read("creatinine_mg_dl", "88.42", "umol/L").value - 1) < 1e-12);
  assert.ok(Math.abs(read("creatinine_mg_dl", "88", "umol/L").value - 0.99525) < 1e-5);
});

test("limits hold both ends", () => {
  assert.equal(read("age_years", "0").value, 0);
  assert.equal(read("age_years", "100").value, 100);
  assert.deepEqual(read("age_years", "100.1"), { value: null, problem: { code: "limits", low: 0, high: 100 } });
  assert.deepEqual(read("age_years", "-1").problem.code, "limits");
});

test("limits are told in the unit that was chosen", () => {
  const { problem } = read("creatinine_mg_dl", "4", "umol/L");
  assert.equal(problem.code, "limits");
  assert.ok(Math.abs(problem.low - 4.421) < 1e-9 && Math.abs(problem.high - 1768.4) < 1e-9);
  assert.ok(read("creatinine_mg_dl", "4.421", "umol/L").problem === null);
  assert.ok(read("creatinine_mg_dl", "1768.4", "umol/L").problem === null);
});

test("half a line of therapy is a problem", () => {
  assert.deepEqual(read("prior_lines", "2.5"), { value: null, problem: { code: "whole", low: 0, high: 20 } });
  assert.equal(read("prior_lines", "3,0").value, 3);
});

test("rubbish is a problem, not a blank", () => {
  assert.deepEqual(read("age_years", "about 30"), { value: null, problem: { code: "not_a_number" } });
});

test("a whole form is a request of what is known", () => {
  const found = readForm(makeForm(), entries({ ...WHOLE, sex: "male" }), ITSELF);
  assert.deepEqual(found, {
    patient: { age_years: 31, sex: "male", prior_lines: 3, prior_inotuzumab: false, dose_1e6_per_kg: 1.5 },
    problems: {}, needed: [],
  });
});

test("an empty form needs the required fields, in the order of the form", () => {
  const { patient, needed } = readForm(makeForm(), entries({}), ITSELF);
  assert.deepEqual(patient, {});
  assert.deepEqual(needed, ["age_years", "prior_lines", "prior_inotuzumab", "dose_1e6_per_kg"]);
});

test("a field with a problem is neither sent nor needed", () => {
  const { patient, problems, needed } = readForm(makeForm(), entries({ ...WHOLE, age_years: "300" }), ITSELF);
  assert.equal("age_years" in patient, false);
  assert.deepEqual(Object.keys(problems), ["age_years"]);
  assert.deepEqual(needed, []);
});

test("a dose is asked for by itself or by its inputs, never both", () => {
  const dose = (byInputs) => askedFields(makeForm(), byInputs).filter((name) => /dose|weight/.test(name));
  assert.deepEqual(dose(ITSELF), ["dose_1e6_per_kg"]);
  assert.deepEqual(dose(INPUTS), ["dose_total_1e6", "weight_kg"]);
});

test("the inputs of a required dose are required while they stand for it", () => {
  const required = (byInputs) => ["dose_total_1e6", "weight_kg", "sex"].map((name) => isRequired(makeForm(), name, byInputs));
  assert.deepEqual(required(ITSELF), [false, false, false]);
  assert.deepEqual(required(INPUTS), [true, true, false]);
});

test("of a dose that was typed both ways only the chosen one is sent", () => {
  const typed = entries({ ...WHOLE, dose_total_1e6: "70", weight_kg: "70" });
  const sent = (byInputs) => Object.keys(readForm(makeForm(), typed, byInputs).patient).filter((name) => /dose|weight/.test(name));
  assert.deepEqual(sent(ITSELF), ["dose_1e6_per_kg"]);
  assert.deepEqual(sent(INPUTS), ["dose_total_1e6", "weight_kg"]);
});

test("a name is sent as it was typed, without space around it", () => {
  const spec = { ...makeForm().fields.weight_kg, kind: "text", units: [{ name: "", factor: 1 }], longest: 40 };
  assert.deepEqual(readEntry(spec, { ...emptyEntry(spec), text: " CART22-65s " }), { value: "CART22-65s", problem: null });
  assert.deepEqual(readEntry(spec, emptyEntry(spec)), { value: null, problem: null });
});
