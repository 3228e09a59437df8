// The lower part of the printed sheet: everything in short, with words between one thing and the next.

import assert from "node:assert/strict";
import { test } from "node:test";

import { productRates } from "../../serving/pages/scripts/product_rates.js";
import { sheet } from "../../serving/pages/scripts/sheet.js";
import { makeAnswer, makeForm, productUnknown, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");

standIn();

function contextOf(answer) {
  const entries = { age_years: { text: "31", unit: "years" }, ferritin_ug_l: { text: "1800", unit: "ug/L", age: "12" } };
  return { texts: EN, form: makeForm(), entries, answer, at: "2025-03-02T10:00:00Z", keepOpen: (_, part) => part };
}

function withClass(drawn, name) {
  return everything(drawn).filter(({ attributes }) => attributes.class?.split(" ").includes(name)).map(textOf);
}

test("what was entered ends before it is said when it was asked; an old value is called stale", () => {
  const [words] = withClass(sheet([], contextOf(makeAnswer())), "entered");
  assert.match(words, /Age: 31 years · Ferritin: 1800 µg\/L \(12 days old, stale\)\. Computed on Mar 2, 2025/);
});

test("an outcome is a line with what others say and what may be claimed", () => {
  const answer = { ...makeAnswer(), warnings: [] };
  const drawn = sheet([answer.outcomes[0]], contextOf(answer));
  const [row] = everything(drawn).filter(({ tag }) => tag === "tr");
  assert.deepEqual(row.children.map(textOf), ["Severe CRS by day 30", "20 of 100 (10 to 33)", "average 25, EASIX 30", "Not validated locally▲ uses ferritin 12 days old"]);
});

test("missing values are one paragraph, those first that would narrow an interval most", () => {
  assert.deepEqual(withClass(sheet([], contextOf(makeAnswer())), "sheet-missing"), ["Missing values (3): Ferritin, Creatinine, Sex"]);
});

test("a warning about the patient has a line; what is said above or beside the risks is not repeated", () => {
  const answer = makeAnswer();
  answer.warnings.push(productUnknown(), { code: "no_published_effect", field: "relapse", message: "relapse: no published effect", details: {} });
  assert.deepEqual(withClass(sheet([], contextOf(answer)), "sheet-warning"), ["▲ Sex: fewer than 10", "Relapse: no published effect"]);
});

test("a rate that is alone is marked, so that paper has it once", () => {
  const answer = { ...makeAnswer(), warnings: [productUnknown()] };
  assert.deepEqual(withClass(productRates(answer.outcomes[0], contextOf(answer)), "only"), [": 2.4 % of 127 by day 30"]);
});
