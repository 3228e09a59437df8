// The verdicts at the top of the model card: which outcomes come first, which figures are beside them, why.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { groundWords, verdictHead, verdictParts, verdictWords } from "../../serving/pages/scripts/model_verdicts.js";
import { textsOf as texts } from "./answer.js";
import { assertSound, assessment, measured, outcome } from "./card.js";
import { everything, standIn, textOf } from "./drawn.js";
import { tablesOf } from "./tables.js";

beforeEach(standIn);

const FIGURES = {
  auroc: { value: 0.6735, low: 0.588, high: 0.751 },
  observed_expected: { value: 1.004, low: 0.761, high: 1.243 },
  calibration_slope: { value: 1.288, low: -0.4, high: 2.124 },
};
const center = (auroc, ratio) => ({ n_infusions: 50, n_events: 12, metrics: { auroc: { value: auroc, low: auroc - 0.1, high: auroc + 0.1 }, observed_expected: { value: ratio, low: null, high: null } } });

/** An outcome that was validated in three centers. */
function validated(changes = {}) {
  return outcome({
    metrics: { 365: FIGURES }, by_center: { 1: center(0.7, 1.1), 2: center(0.66, 0.5), 3: center(0.61, 1) }, n_infusions: 244, n_events: 119,
    sample_size: { n: 244, n_needed: 2606, events: 113, events_needed: 1290.2, parameters: 37 },
    assessment: assessment({ verdict: "use_with_care", grounds: ["validated", "small_cohort"], horizon_days: 365, n_events: 113, weakest_centers: { auroc: 3, observed_expected: 2 } }),
    ...changes,
  });
}

const drawn = (outcomes, language = "en") => verdictParts({ synthetic: false, outcomes }, texts(language));

test("a row has the verdict with its reasons, and every figure with its interval", () => {
  const [[row]] = tablesOf(drawn([validated()]));
  assert.deepEqual(row, [
    "No response or relapseby 12 months",
    "Verdict◐ Use with careBetter than the prevalence and calibrated; cohort smaller than recommended (244 of 2606 infusions).",
    "AUROC0.670.59 to 0.75",
    "CalibrationO:E 1.000.76 to 1.24Slope 1.29−0.40 to 2.12",
    "Events113of 244 infusions",
    "External validationNone recorded",
    "Weakest centerCenter 3: AUROC 0.610.51 to 0.71Center 2: O:E 0.50",
  ]);
});

test("a number of events that is masked is named so, not replaced by that of another horizon", () => {
  const counts = { 365: { events: null, competing: 0, free: null, censored: 7 } };
  const [[row]] = tablesOf(drawn([validated({ horizon_counts: counts, assessment: assessment({ horizon_days: 365 }) })]));
  assert.equal(row[4], "Eventsmaskedof 244 infusions");
});

test("an updated model names the cohort of its update", () => {
  const [[row]] = tablesOf(drawn([validated({ update: { kind: "intercept", cohort: "north.csv", tests: [] } })]));
  assert.equal(row[5], "External validationUpdated on another cohort:north.csv");
});

test("what was not measured is named so", () => {
  const published = outcome({ n_infusions: 0, n_events: 0, assessment: assessment({ verdict: "published_evidence_only" }) });
  const [[row]] = tablesOf(drawn([published]));
  assert.deepEqual(row.slice(2), ["AUROCnot measured", "Calibrationnot measured", "Eventsnot measured", "External validationNone recorded", "Weakest centernot measured"]);
  assert.match(row[1], /Published evidence only: not tested on this center’s patients$/);
});

test("a figure that could not be computed is a dash after its name", () => {
  const constant = validated({ metrics: { 365: { ...FIGURES, calibration_slope: { value: null, low: null, high: null } } } });
  assert.equal(tablesOf(drawn([constant]))[0][0][3], "CalibrationO:E 1.000.76 to 1.24Slope –");
});

test("main outcomes are in sight, the others folded below", () => {
  const [first, folded] = drawn([validated(), validated({ name: "death", main: false })]);
  assert.notEqual(first.tag, "details");
  assert.equal(tablesOf(first)[0].length, 1);
  assert.equal(folded.tag, "details");
  assert.equal(textOf(folded.children[0]), "1 further outcome");
  assert.match(tablesOf(folded)[0][0][0], /^Death from any cause/);
});

test("without further outcomes nothing is folded", () => {
  assert.ok(!everything(drawn([validated()])).some(({ tag }) => tag === "details"));
});

test("a name leads to the section of its outcome", () => {
  const links = everything(drawn([validated()])).filter(({ tag }) => tag === "a");
  assert.deepEqual(links.map(({ attributes }) => attributes.href), ["#outcome-relapse"]);
});

test("verdicts of a synthetic model apply to no patient, and it is written beside their heading", () => {
  const head = (synthetic) => textOf(verdictHead("Verdicts", { synthetic }, texts("en")));
  assert.equal(head(true), "VerdictsSynthetic cohort: the verdicts do not apply to any patient.");
  assert.equal(head(false), "Verdicts");
});

test("a ground that this page does not know, or whose figures are missing, is left out", () => {
  const grounds = (known, sample_size) => groundWords({ assessment: assessment({ grounds: known }), sample_size }, texts("en"));
  assert.equal(grounds(["newer", "no_gain"], null), "No evidence of better prediction than the prevalence.");
  assert.equal(grounds(["small_cohort"], null), "");
  assert.equal(grounds([], null), "");
});

test("the sign of a verdict is not read aloud", () => {
  const [sign] = verdictWords({ assessment: assessment({ verdict: "no_discrimination" }) }, texts("en"));
  assert.equal(textOf(sign), "✕");
  assert.equal(sign.attributes["aria-hidden"], "true");
});

for (const language of ["en", "ru"]) {
  test(`verdicts are drawn in ${language}, whatever was measured`, () => {
    assertSound(drawn([outcome(), measured(), validated()], language));
  });
}

test("numbers have the decimal comma in Russian", () => {
  const [[row]] = tablesOf(drawn([validated()], "ru"));
  assert.equal(row[2], "AUROC0,67от 0,59 до 0,75");
  assert.match(row[1], /Точнее средней частоты и откалибрована; когорта меньше рекомендуемой \(244 из 2606 инфузий\)\.$/);
});
