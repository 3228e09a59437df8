// The note for the chart: risks, what they are not meant for, and every value that they were computed from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { note, usedFields } from "../../serving/pages/scripts/chart_note.js";
import { sentence } from "../../serving/pages/scripts/cautions.js";
import { makeAnswer, makeForm, outsideUse, productUnknown, publishedRate, textsOf } from "./answer.js";
import { afterDay, makeFamilyAnswer } from "./family.js";

const EN = textsOf("en");
const RU = textsOf("ru");

/** Entries as typed, each in its unit. */
function entriesOf(typed) {
  const form = makeForm();
  return Object.fromEntries(Object.keys(form.fields).map((name) => {
    const [text, unit] = [typed[name] ?? []].flat();
    return [name, { text: text ?? "", unit: unit ?? form.fields[name].unit }];
  }));
}

function contextOf(typed = { age_years: "31" }, texts = EN) {
  return { texts, form: makeForm(), entries: entriesOf(typed) };
}

function within() {
  const answer = makeAnswer();
  answer.warnings = [];
  return answer;
}

test("a note says all that must not be lost", () => {
  assert.equal(note(within(), contextOf({ age_years: "31.5", ferritin_ug_l: "1800", sex: "female" }), "2 Mar 2025"), [
    "cart-outcomes, model 7 (01234567), 2 Mar 2025: Age 31.5 years, Ferritin 1800 µg/L."
      + " Not used: Sex Female. Unknown values: 3.",
    "Severe CRS by day 30: 20 of 100 (10 to 33, not validated locally);"
      + " No response or relapse by 12 months: 50 of 100 (40 to 60, internally validated). 90 % intervals. Research use only.",
  ].join("\n"));
});

test("a value is noted in the unit in which it was entered", () => {
  const answer = within();
  answer.outcomes[0].contributions[0] = { ...answer.outcomes[0].contributions[0], field: "easix", inputs: ["creatinine_mg_dl"] };
  assert.match(note(answer, contextOf({ creatinine_mg_dl: ["88", "umol/L"] }), ""), /Creatinine 88 µmol\/L\./);
});

test("inputs that stand for a field count as used where the field is", () => {
  const answer = within();
  answer.outcomes[0].contributions[0] = { ...answer.outcomes[0].contributions[0], field: "dose_1e6_per_kg" };
  const used = usedFields(answer, makeForm());
  for (const name of ["dose_1e6_per_kg", "dose_total_1e6", "weight_kg"]) assert.ok(used.has(name), name);
  assert.ok(!used.has("sex"));
});

test("a note of a synthetic model says so first", () => {
  const answer = within();
  answer.cohort.synthetic = true;
  assert.match(note(answer, contextOf(), ""), /^SYNTHETIC MODEL, NOT FOR PATIENTS\. cart-outcomes/);
});

test("a note counts what was not given", () => {
  const answer = within();
  answer.missing = ["age_years", "sex", "prior_lines", "weight_kg", "ferritin_ug_l", "creatinine_mg_dl"];
  assert.match(note(answer, contextOf({}), ""), /Unknown values: 6\./);
});

test("a note of a patient of whom all is known has no word about that", () => {
  const answer = within();
  answer.missing = [];
  assert.doesNotMatch(note(answer, contextOf(), ""), /Unknown/);
});

for (const texts of [EN, RU]) {
  test(`every value outside the intended use is in the note before the risks (${texts.language})`, () => {
    const answer = within();
    answer.warnings = [
      outsideUse("age_years", "Age at infusion (intended for 18 years or older)", { youngest: 18 }),
      outsideUse("sex", "Sex (intended for female)", { options: "female", intended: ["female"] }),
    ];
    const context = contextOf({ age_years: "9" }, texts);
    const words = note(answer, context, "d");
    const said = texts === EN ? "OUTSIDE THE INTENDED USE: Age 9 years, Sex." : "ВНЕ ОБЛАСТИ ПРИМЕНЕНИЯ: Возраст 9 лет, Пол.";
    assert.ok(words.includes(said), words);
    assert.ok(words.indexOf(said) < words.indexOf("100"));
    assert.doesNotMatch(words, /validated|валид/);
  });
}

test("a note says in Russian what the value should be", () => {
  const warning = outsideUse("sex", "Sex (intended for female or male)", { options: "female, male", intended: ["female", "male"] });
  assert.equal(sentence(warning, contextOf({}, RU)), "Вне области применения: Пол (предусмотрено: Женский или Мужской).");
});

test("that the model does not know the product is noted, with the outcomes", () => {
  const answer = within();
  answer.warnings = [productUnknown({ rates: [publishedRate(), publishedRate({ id: "X1", rate: 0.05 })] })];
  const words = note(answer, contextOf(), "d");
  assert.match(words, /Product not used by the model: severe CRS, no response or relapse\./);
});

test("a note has no typographic trouble: inputs in one line, risks in the other", () => {
  const answer = makeAnswer();
  answer.warnings.push(productUnknown());
  answer.event_free = [afterDay(90)];
  for (const texts of [EN, RU]) {
    const lines = note(answer, contextOf({ age_years: "9" }, texts), "d").split("\n");
    assert.equal(lines.length, 2);
    for (const line of lines) assert.doesNotMatch(line, /undefined|[{}]|\s\s/);
  }
});

test("a note has the risk after the day that was asked", () => {
  const answer = { ...makeFamilyAnswer(), warnings: [], event_free: [afterDay(90)] };
  assert.match(note(answer, { ...contextOf(), eventFreeDay: 90 }, "d"),
    /50 of 100 \(40 to 60, internally validated\); if alive and event-free on day 90: No response or relapse by 12 months: 36 of 100/);
  assert.match(note({ ...answer, event_free: [] }, { ...contextOf(), eventFreeDay: 90 }, "d"), /no answer for a patient alive and event-free on day 90/);
});

test("a value that a score alone uses is noted as that, and an old one as stale", () => {
  const answer = within();
  answer.unused = ["ferritin_ug_l", "sex"];
  answer.outcomes[0].scores = [{ title: "CAR-HEMATOTOX", points: 3, risk: 0.4, inputs: ["ferritin_ug_l"] }];
  const context = contextOf({ age_years: "31", ferritin_ug_l: "1800" });
  context.entries.ferritin_ug_l.age = "12";
  assert.match(note(answer, context, "d"), /Used by CAR-HEMATOTOX only: Ferritin 1800 µg\/L \(12 days old, stale\)\./);
});

test("a note of many values is short", () => {
  const answer = { ...makeFamilyAnswer(), warnings: [productUnknown()] };
  const all = { age_years: "31.5", prior_lines: "3", prior_inotuzumab: "true", dose_total_1e6: "410", weight_kg: "75", ferritin_ug_l: "1800" };
  assert.ok(note(answer, contextOf(all), "Nov 29, 2026, 2:02 PM").length < 700);
});
