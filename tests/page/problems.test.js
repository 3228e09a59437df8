// What the service finds wrong: in the page's words, with the titles of the fields; and what can be left out.

import assert from "node:assert/strict";
import { test } from "node:test";

import { problemWords, removable } from "../../serving/pages/scripts/problems.js";
import { makeForm, textsOf } from "./answer.js";

const EN = textsOf("en");
const RU = textsOf("ru");
const TOTAL = {
  code: "total_dose_required", field: "dose_total_1e6", columns: ["dose_total_1e6", "split_dose"],
  message: "dose_total_1e6 is required with split_dose: the sum of all parts",
};
const ANTIGEN = {
  code: "not_of_the_product", field: "target_antigen", columns: ["target_antigen", "product"], message: "target_antigen must be cd19 for brexucabtagene",
};
const optional = (name) => ["split_dose", "product", "months_from_hsct"].includes(name);

test("a problem names fields by their titles, in each language", () => {
  const words = (problem) => [EN, RU].map((texts) => problemWords(problem, makeForm(), texts));
  assert.deepEqual(words(TOTAL), [
    "Split dose needs “CAR+ cells, total”: the sum of all parts.", "Для «Дробное введение» нужно поле «CAR+ клетки, всего»: сумма всех частей.",
  ]);
  for (const said of words(ANTIGEN)) assert.doesNotMatch(said, /target_antigen|brexucabtagene|cd19/);
});

test("a problem that the language has no words for follows the title of its field", () => {
  assert.equal(problemWords({ code: "new", field: "sex", message: "must be another" }, makeForm(), EN), "Sex: must be another");
  assert.equal(problemWords({ code: "wrong_type", field: "", message: "must be an object" }, makeForm(), EN), "must be an object");
});

test("an optional value is left out where it is wrong, or needs one that is missing", () => {
  assert.equal(removable(TOTAL, { split_dose: true, dose_1e6_per_kg: 1 }, optional), "split_dose");
  assert.equal(removable({ field: "months_from_hsct" }, { months_from_hsct: 3 }, optional), "months_from_hsct");
});

test("a needed value that was given is not passed over for another", () => {
  assert.equal(removable(ANTIGEN, { target_antigen: "cd22", product: "brexucabtagene" }, optional), undefined);
  assert.equal(removable({ field: "age_years" }, {}, optional), undefined);
});
