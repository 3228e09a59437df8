// What the parts of the page say of an answer, before anything is drawn.

import assert from "node:assert/strict";
import { test } from "node:test";

import { alike, model } from "../../serving/pages/scripts/behind.js";
import { aboutPatient, inWords, ordered, sentence } from "../../serving/pages/scripts/cautions.js";
import { bothSides, compared, comparators, weight, why } from "../../serving/pages/scripts/outcome_card.js";
import { costs, unknown as missingPanel } from "../../serving/pages/scripts/unknown.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { standIn, textOf } from "./drawn.js";
import { tablesOf } from "./tables.js";

standIn();

const EN = textsOf("en");
const RU = textsOf("ru");
const CONTEXT = { texts: EN, form: makeForm() };

test("both sides of a risk add up to a hundred", () => {
  const [severeCrs, relapse] = makeAnswer().outcomes;
  assert.equal(bothSides(severeCrs, "by day 30", EN),
    "Expected in 100 similar patients: 20 with CRS of grade 3 or higher by day 30, 80 without.");
  assert.equal(bothSides(relapse, "by 12 months", EN),
    "Expected in 100 similar patients: 50 with no response, relapse or progression by 12 months; 50 event-free or dead before the event.");
});

test("an outcome without a sentence of its own has the general one", () => {
  assert.equal(bothSides({ name: "new_outcome", risk: 0.3 }, "by day 30", EN),
    "Expected in 100 similar patients: 30 with the event by day 30, 70 without.");
});

test("both sides of a risk that is hardly any are told in words, as the headline is", () => {
  const [severeCrs] = makeAnswer().outcomes;
  const told = (risk) => bothSides({ ...severeCrs, risk }, "by day 30", EN);
  assert.match(told(0.003), /: less than 1 with .+, more than 99 without\.$/);
  assert.match(told(0.998), /: more than 99 with .+, less than 1 without\.$/);
  assert.match(told(0.205), /: 21 with .+, 79 without\.$/);
});

test("a risk is compared with the average and with EASIX", () => {
  const [severeCrs] = makeAnswer().outcomes;
  const found = comparators(severeCrs, EN).map(({ risk, text }) => ({ risk, text }));
  assert.deepEqual(found, [{ risk: 0.25, text: "average 25" }, { risk: 0.3, text: "EASIX 30" }]);
});

test("what is not known is not compared with", () => {
  const [severeCrs] = makeAnswer().outcomes;
  assert.deepEqual(comparators({ ...severeCrs, cohort_average: null, easix: { index: null, risk: null } }, EN), []);
  assert.deepEqual(comparators({ ...severeCrs, cohort_average: null, easix: null }, EN), []);
});

test("without a cohort the average is the published one", () => {
  const [, relapse] = makeAnswer().outcomes;
  assert.deepEqual(comparators(relapse, EN, { published: true }).map(({ text }) => text), ["published 25"]);
});

test("costs of one field are a row for all outcomes, the costliest first", () => {
  const rows = costs(makeAnswer()).map(({ field, inputs, widths, widest }) => ({ field, inputs, widths, widest }));
  assert.deepEqual(rows, [
    { field: "ferritin_ug_l", inputs: ["ferritin_ug_l"], widths: { severe_crs: 0.001, relapse: 0.08 }, widest: 0.08 },
    { field: "easix", inputs: ["creatinine_mg_dl"], widths: { severe_crs: 0.02 }, widest: 0.02 },
  ]);
});

test("an outcome that tells no costs has none", () => {
  const answer = makeAnswer();
  for (const outcome of answer.outcomes) delete outcome.missing_costs;
  assert.deepEqual(costs(answer), []);
});

test("warnings about this patient come first, what the page says anyway is left out", () => {
  const codes = ordered(makeAnswer().warnings).map(({ code }) => code);
  assert.deepEqual(codes, ["outside_intended_use", "rare_option", "not_validated"]);
});

test("warnings of one gravity keep the service's order", () => {
  const warnings = ["not_validated", "outcome_left_out", "no_individual_signal"].map((code) => ({ code }));
  assert.deepEqual(ordered(warnings), warnings);
});

test("patients alike are counted, and in what they are alike is said", () => {
  const words = alike(makeAnswer().alike, EN);
  assert.match(words, /\b10 of 150 training infusions were in similar patients\b.*Age: 18 to 39/);
});

test("how few are alike is not told", () => {
  const words = alike({ ...makeAnswer().alike, n: 0, fewer_than: 5 }, EN);
  assert.match(words, /^Fewer than 5 of 150 training infusions/);
});

test("without a cohort nobody is alike", () => {
  assert.equal(alike(null, EN), "");
});

test("the model that answered is named with its day, or without", () => {
  assert.equal(model(makeAnswer(), EN), "Version 7 of Jan 1, 2025, digest 0123456789ab");
  assert.equal(model({ ...makeAnswer(), trained_at: "" }, EN), "Version 7, digest 0123456789ab");
});

test("a warning is said in the language of the page, with the field that it is about", () => {
  const [youngest] = ordered(makeAnswer().warnings);
  const words = inWords(youngest, { ...CONTEXT, texts: RU });
  assert.match(words, /Возраст/);
  assert.doesNotMatch(words, /[{}]|intended/);
});

test("a warning without words of the language is the service's own sentence", () => {
  const [youngest] = ordered(makeAnswer().warnings);
  assert.equal(sentence(youngest, CONTEXT), "Outside the intended use: Age at infusion (intended for 18 years or older).");
});

test("warnings about this patient that have no band are counted", () => {
  assert.deepEqual(aboutPatient(makeAnswer().warnings).map(({ code }) => code), ["rare_option"]);
});

test("a published score of the outcome is beside the average, and says what it needs", () => {
  const context = { texts: textsOf("en"), form: makeForm(), answer: makeAnswer() };
  const score = { name: "car_hematotox", title: "CAR-HEMATOTOX", points: 3, risk: 0.41, inputs: ["ferritin_ug_l", "anc_1e9_l"], source: "10.1182/blood.2020010543" };
  const outcome = { ...makeAnswer().outcomes[0], scores: [score] };
  assert.deepEqual(comparators(outcome, context.texts).at(-1), {
    risk: 0.41, text: "CAR-HEMATOTOX 41", words: "CAR-HEMATOTOX alone (points: 3): 41 of 100.",
  });
  const unknown = { ...outcome, scores: [{ ...score, points: null, risk: null }] };
  assert.match(textOf(compared(unknown, context)), /CAR-HEMATOTOX needs: Ferritin, Neutrophils\./);
});

test("that no value is close to a cut is said of a main outcome", () => {
  const answer = { ...makeAnswer(), close_to_cut: [{ field: "age_years", value: 32, outcome: "relapse", risk: 0.62 }] };
  const words = (outcome) => textOf(why(outcome, { ...CONTEXT, answer, entries: {}, widest: 1, keepOpen: (_, part) => part }));
  const [crs, relapse] = answer.outcomes;
  assert.match(words(crs), /No entered value is close to a cut/);
  assert.doesNotMatch(words(relapse), /close to a cut/);
  assert.doesNotMatch(words({ ...crs, main: false }), /close to a cut/);
});

test("missing values of a table are in the order of its own numbers", () => {
  const answer = makeAnswer();
  answer.outcomes[1].main = false;
  const [first] = tablesOf(missingPanel(answer, { ...CONTEXT, focus: () => {}, keepOpen: (_, part) => part }));
  assert.deepEqual(first.map(([name]) => name), ["EASIX (LDH × creatinine / platelets)"]);
});

test("the evidence weight speaks of local data only where there are any, and names published rates of products", () => {
  const words = (changes, texts = EN) => weight({ ...makeAnswer().outcomes[0], ...changes }, texts);
  const rows = (published) => ({ contributions: [{ published }] });
  assert.equal(words({}), "50 % published effects; the rest is local data and shrinkage");
  assert.equal(words({ n_infusions: 0 }), "50 % published effects; the rest is shrinkage");
  const none = { evidence_weight: 0, ...rows(0) };
  assert.equal(words(none), "none: no effects are published, the model does not use them, or the local data contradict them");
  assert.equal(words({ ...none, n_infusions: 0 }), "none: no effects are published, or the model does not use them");
  for (const n_infusions of [0, 150]) {
    assert.equal(words({ evidence_weight: 0, ...rows(0.3), n_infusions }), "0 % published effects; published rates of products are used");
    assert.equal(words({ evidence_weight: 1, n_infusions }), "100 % published effects");
  }
  for (const changes of [{}, none, { evidence_weight: 0, ...rows(0.3) }]) {
    assert.doesNotMatch(words({ ...changes, n_infusions: 0 }, RU), /локальн/);
  }
});
