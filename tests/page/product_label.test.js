// Fields that the product's label states are known: no assumption, not counted among the missing ones.

import assert from "node:assert/strict";
import { test } from "node:test";

import { note } from "../../serving/pages/scripts/chart_note.js";
import { resultRows } from "../../serving/pages/scripts/option_results.js";
import { unknownFields } from "../../serving/pages/scripts/product_label.js";
import { reasonRows } from "../../serving/pages/scripts/reason_rows.js";
import { reasons, strongest } from "../../serving/pages/scripts/reasons.js";
import { sheet } from "../../serving/pages/scripts/sheet.js";
import { sorted, unknown } from "../../serving/pages/scripts/unknown.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");

standIn();

/** An answer of a listed product whose label gives the dose in parts; the request leaves that blank, and ferritin. */
function labelled() {
  const answer = { ...makeAnswer(), missing: ["split_dose", "ferritin_ug_l"], label_values: { split_dose: true }, unused: [] };
  const row = (field, log_odds, sources) => ({
    field, title: field, value: null, unit: "", log_odds, published: log_odds, local: 0, sources, studied: sources.map(() => ""), inputs: [], group: "",
  });
  answer.outcomes = answer.outcomes.map((outcome) => ({
    ...outcome, risk: 0.5, contributions: [row("split_dose", -0.8, ["10.1/a", "10.1/b"]), row("ferritin_ug_l", -0.1, [])],
  }));
  const form = makeForm();
  form.fields.split_dose = { ...form.fields.prior_inotuzumab, title: "Split dose", required: false };
  return { answer, outcome: answer.outcomes[0], context: { texts: EN, form, entries: {}, answer, at: "2025-03-02T10:00:00Z", widest: 1, focus: () => {}, keepOpen: (_, part) => part } };
}

test("a field that the label states is a reason of its own, and what is unknown is assumed apart", () => {
  const { answer, outcome, context } = labelled();
  const { known, assumed } = reasonRows(outcome, answer);
  assert.deepEqual([known.map(({ field }) => field), assumed.members.map(({ field }) => field)], [["split_dose"], ["ferritin_ug_l"]]);
  assert.match(textOf(strongest(outcome, context)), /▼ −19 Split dose Yes \(by the product's label\)\s+·\s+▼ −2 assumed for 1 unknown field$/);
});

test("it has its sources, in both languages", () => {
  for (const [texts, words] of [[EN, /Yes \(by the product's label\).*2 sources/], [RU, /Да \(по инструкции к препарату\).*2 источника/]]) {
    const { outcome, context } = labelled();
    assert.match(textOf(reasons(outcome, { ...context, texts })), words);
  }
});

test("an option of the label has its name", () => {
  const { answer, outcome, context } = labelled();
  answer.label_values = { costimulatory_domain: "4_1bb" };
  outcome.contributions = [{ ...outcome.contributions[0], field: "costimulatory_domain" }];
  assert.match(textOf(strongest(outcome, context)), /4-1BB \(by the product's label\)$/);
});

test("without a label, and for an answer of an earlier service, a blank field is unknown", () => {
  for (const label of [{ label_values: {} }, { label_values: undefined }]) {
    const { answer, outcome } = labelled();
    const { known, assumed } = reasonRows(outcome, Object.assign(answer, label));
    assert.deepEqual([known, assumed.members.length], [[], 2]);
  }
});

test("missing values are counted and listed without it: panel, sheet and note", () => {
  const { answer, context } = labelled();
  assert.deepEqual(unknownFields(answer), ["ferritin_ug_l"]);
  const { rows, little, unmeasured, unused } = sorted(answer);
  assert.deepEqual([rows.map(({ field }) => field), little, unmeasured, unused], [["ferritin_ug_l", "easix"], [], [], []]);
  assert.match(textOf(unknown(answer, context)), /^Missing values \(1\)/);
  const drawn = everything(sheet([], context)).find(({ attributes }) => attributes.class === "sheet-missing");
  assert.equal(textOf(drawn), "Missing values (1): Ferritin");
  assert.match(note(answer, context, ""), /Unknown values: 1/);
});

test("where the label states all that is blank, nothing is missing", () => {
  const { answer, context } = labelled();
  answer.missing = ["split_dose"];
  assert.equal(unknown(answer, context), null);
});

test("a schedule that an option leaves to the label is said by its value, and a name that goes is not told", () => {
  const { context } = labelled();
  const form = { ...context.form, fields: { ...context.form.fields, product_name: { ...context.form.fields.sex, use: "name" } } };
  const change = (field) => ({ field, title: field, unit: "", entered: false, value: null, followed: true, moves: [] });
  const option = { changed: [change("split_dose"), change("product_name")], label_values: { split_dose: true }, without_effect: [], outcomes: [], states: [], state_differences: [], warnings: [] };
  const answer = { base: { outcomes: [], states: [], warnings: [] }, options: [option] };
  const { remarks } = resultRows(answer, { texts: EN, form, options: [{}], asked: [0] });
  assert.deepEqual(remarks.map(textOf), ["B: follows from the choice: Split dose Yes (by the product's label)."]);
});

test("a published part without a publication says what it follows from; other rows do not", () => {
  for (const [texts, words] of [[EN, /No publication states a rate here/], [RU, /Опубликованной частоты здесь нет/]]) {
    const { outcome, context } = labelled();
    assert.doesNotMatch(textOf(reasons(outcome, { ...context, texts })), words);
    outcome.contributions[0] = { ...outcome.contributions[0], sources: [], studied: [] };
    assert.match(textOf(reasons(outcome, { ...context, texts })), words);
  }
});
