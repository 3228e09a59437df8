// Reasons: the risk without a field, the common scale of the bars, and where a source may lead.

import assert from "node:assert/strict";
import { test } from "node:test";

import { reasonRows, riskWithout } from "../../serving/pages/scripts/reason_rows.js";
import { reasons, span, strongest } from "../../serving/pages/scripts/reasons.js";
import { address } from "../../serving/pages/scripts/sources.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");

standIn();

/** A contribution of a field whose value is known, unless it is null. */
function row(field, log_odds, changes = {}) {
  return { field, title: field, value: 1, unit: "", log_odds, published: log_odds, local: 0, sources: [], studied: [], inputs: [], ...changes };
}

function withRows(...contributions) {
  const answer = makeAnswer();
  const outcome = { ...answer.outcomes[0], risk: 0.5, contributions };
  return { outcome, answer, context: { texts: EN, form: makeForm(), entries: {}, answer, widest: 1, keepOpen: (_, details) => details } };
}

test("rows are ordered by the points that are shown, and rows of no point are gone", () => {
  const { outcome, answer } = withRows(row("age_years", 0.1), row("prior_lines", -0.8), row("dose_1e6_per_kg", 0.01));
  assert.deepEqual(reasonRows(outcome, answer).known.map(({ field, points }) => [field, points]), [["prior_lines", -19], ["age_years", 2]]);
});

test("unknown fields are one row, a composite with a missing input among them", () => {
  const { outcome, answer, context } = withRows(row("age_years", 0.4), row("ferritin_ug_l", -0.3, { value: null }), row("easix", 0.1, { value: null, inputs: ["creatinine_mg_dl"] }));
  const { known, assumed } = reasonRows(outcome, answer);
  assert.deepEqual([known.length, assumed.members.map(({ field }) => field), assumed.points], [1, ["ferritin_ug_l", "easix"], -5]);
  assert.match(textOf(reasons(outcome, context)), /Assumed for 2 unknown fields, in all: −5/);
  assert.match(textOf(strongest(outcome, context)), /▲ \+10 Age 1\s+·\s+▼ −5 assumed for 2 unknown fields$/);
});

test("fields that belong together are one row with each value, and their sources", () => {
  const group = { group: "disease_burden" };
  const { outcome, answer, context } = withRows(row("age_years", 0.5, { ...group, sources: ["10.1/a"] }), row("prior_lines", 0.3, { ...group, sources: ["10.1/a", "10.1/b"] }));
  const [found] = reasonRows(outcome, answer).known;
  assert.deepEqual([found.field, found.members.length, found.sources], ["disease_burden", 2, ["10.1/a", "10.1/b"]]);
  assert.match(textOf(reasons(outcome, context)), /Disease burden Age 1 .*, Prior lines 1/);
});

test("log-odds are there on demand, of every row", () => {
  const { outcome, context } = withRows(row("age_years", 0.4, { published: 0.5, local: -0.1 }), row("prior_lines", 0.01));
  const table = everything(reasons(outcome, context)).find(({ tag }) => tag === "table");
  assert.equal(textOf(table), "FieldtotalpublishedlocalAge+0.40+0.50−0.10Prior lines+0.01+0.010.00".replace("publishedlocal", "published effectslocal data"));
});

test("where no field moves the risk by a point, that is said", () => {
  const { outcome, context } = withRows(row("age_years", 0.01));
  assert.equal(strongest(outcome, context), "No field changes this risk by a point or more.");
});

test("that the risk is the same for every patient is said where the model is, not where contributions are small", () => {
  const small = withRows(row("age_years", 0.001));
  const words = ({ outcome, context }) => [strongest(outcome, context), textOf(reasons(outcome, context)).trim()];
  assert.deepEqual(words(small), Array(2).fill("No field changes this risk by a point or more."));
  const alike = withRows();
  alike.answer.warnings = [{ code: "no_individual_signal", field: alike.outcome.name, message: "" }];
  assert.deepEqual(words(alike), Array(2).fill("No field changes this risk; it is the same for every patient."));
});

test("without a field of the logarithm of four, a risk of a half is one of a fifth", () => {
  const found = riskWithout({ risk: 0.5 }, { log_odds: Math.log(4) });
  assert.ok(Math.abs(found - 0.2) < 1e-12);
});

test("without a field that lowers it, a risk is higher", () => {
  const found = riskWithout({ risk: 0.2 }, { log_odds: -Math.log(4) });
  assert.ok(Math.abs(found - 0.5) < 1e-12);
});

test("all bars share the scale of the longest part, of either sign", () => {
  const answer = makeAnswer();
  assert.equal(span(answer), 2);
  answer.outcomes[1].contributions[0].local = -3;
  assert.equal(span(answer), 3);
});

test("small parts are not blown up, and none at all is no failure", () => {
  const answer = makeAnswer();
  for (const outcome of answer.outcomes) outcome.contributions = [];
  assert.equal(span(answer), 0.8);
});

test("a source is a link where it names one", () => {
  assert.equal(address("10.1182/bloodadvances.2021006418"), "https://doi.org/10.1182/bloodadvances.2021006418");
  assert.equal(address("PMID 34521119"), "https://pubmed.ncbi.nlm.nih.gov/34521119/");
  assert.equal(address("PMID: 34521119"), "https://pubmed.ncbi.nlm.nih.gov/34521119/");
  assert.equal(address("PMC8759134"), "https://pmc.ncbi.nlm.nih.gov/articles/PMC8759134/");
  assert.equal(address("NCT04150497"), "https://clinicaltrials.gov/study/NCT04150497");
});

const SCRIPT = ["java", "script:"].join("");

for (const source of [
  "Shah 2021, table 2", "", `${SCRIPT}alert(1)`, `${SCRIPT.toUpperCase()}alert(1)//10.1182/x`, ` ${SCRIPT}alert(1)`, "data:text/html,x",
  "//elsewhere.example/10.1182/x", "https://elsewhere.example", "x 10.1182/x", "PMID 1 javascript:x", "PMC1/../x", "NCT04150497/x", "NCT1",
]) {
  test(`"${source}" is no link`, () => {
    assert.equal(address(source), null);
  });
}

for (const source of ["10.1182/javascript:alert(1)", "10.1182/../../x", "10.1182/@elsewhere.example", "10.1182/x\" onclick=\"y"]) {
  test(`${source} leads to doi.org at worst`, () => {
    const url = new URL(address(source));
    assert.equal(url.origin, "https://doi.org");
    assert.equal(url.username, "");
  });
}

test("the product's reason has the product's own name", () => {
  const answer = { ...makeAnswer(), product_name: "CART22-65s" };
  const named = { ...answer.outcomes[0].contributions[0], field: "product", title: "Product", value: "other", inputs: [], log_odds: 0.4 };
  const outcome = { ...answer.outcomes[0], contributions: [named] };
  const form = makeForm();
  form.fields.product = { ...form.fields.sex, title: "Product", options: ["academic", "other"] };
  const entries = { product: { text: "other", unit: "" } };
  const drawn = reasons(outcome, { texts: textsOf("en"), form, entries, answer, widest: 1, keepOpen: (_, details) => details });
  assert.match(textOf(drawn), /: CART22-65s/);
});
