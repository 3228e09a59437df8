// The note for the chart: risks, what they are not meant for, and every value that they were computed from.

import assert from "node:assert/strict";
import { test } from "node:test";

import { note, usedFields } from "../../serving/pages/scripts/chart_note.js";
import { sentence } from "../../serving/pages/scripts/cautions.js";
import { makeAnswer, makeForm, outsideUse, productUnknown, publishedRate, textsOf } from "./answer.js";

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
    "cart-outcomes, model 7 (01234567), 2 Mar 2025: Computed from: Age 31.5 years, Ferritin 1800 µg/L."
      + " Entered but not used by the model: Sex Female. Not given: Creatinine, Ferritin, Sex.",
    "Severe CRS by day 30: 20 of 100 (90 % interval 10 to 33, Not validated locally);"
      + " No response or relapse by 12 months: 50 of 100 (90 % interval 40 to 60, Internally validated). Research use only.",
  ].join("\n"));
});

test("a value is noted in the unit in which it was entered", () => {
  const answer = within();
  answer.outcomes[0].contributions[0] = { ...answer.outcomes[0].contributions[0], field: "easix", inputs: ["creatinine_mg_dl"] };
  assert.match(note(answer, contextOf({ creatinine_mg_dl: ["88", "umol/L"] }), ""), /Computed from: Creatinine 88 µmol\/L\./);
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

test("a note names everything that was not given", () => {
  const answer = within();
  answer.missing = ["age_years", "sex", "prior_lines", "weight_kg", "ferritin_ug_l", "creatinine_mg_dl"];
  assert.match(note(answer, contextOf({}), ""), /Not given: Age, Sex, Prior lines, Weight, Ferritin, Creatinine\./);
});

test("a note of a patient of whom all is known has no word about that", () => {
  const answer = within();
  answer.missing = [];
  assert.doesNotMatch(note(answer, contextOf(), ""), /Not given/);
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
    const sentences = answer.warnings.map((warning) => sentence(warning, context));
    assert.ok(words.includes(sentences.join(" ")));
    assert.ok(words.indexOf(sentences[0]) < words.indexOf("100"));
    if (texts === EN) assert.deepEqual(sentences, answer.warnings.map(({ message }) => message));
  });
}

test("a note says in Russian what the value should be", () => {
  const warning = outsideUse("sex", "Sex (intended for female or male)", { options: "female, male", intended: ["female", "male"] });
  assert.equal(sentence(warning, contextOf({}, RU)), "Вне области применения: Пол (предусмотрено: Женский или Мужской).");
});

test("a product that the model does not know is noted with its published rate and source", () => {
  const answer = within();
  answer.warnings = [productUnknown({ rates: [publishedRate(), publishedRate({ id: "X1", rate: 0.05 })] })];
  const words = note(answer, contextOf(), "d");
  assert.match(words, /Obecabtagene: the model does not use the product and can rank products in the wrong order\./);
  assert.match(words, /Published rates: Severe CRS 2\.4 % of 127 by day 30 \(FELIX; 10\.1056\/NEJMoa2406526\) \+1; No response or relapse: no published rate\./);
});

test("a note has no typographic trouble: inputs in one line, risks in the other", () => {
  const answer = makeAnswer();
  answer.warnings.push(productUnknown());
  for (const texts of [EN, RU]) {
    const lines = note(answer, contextOf({ age_years: "9" }, texts), "d").split("\n");
    assert.equal(lines.length, 2);
    for (const line of lines) assert.doesNotMatch(line, /undefined|[{}]|\s\s/);
  }
});
