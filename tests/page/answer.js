// What the tests ask about: a small form, an answer to it as POST /risk gives it, and the texts of a language.
// Every call makes them anew, so that a test may change them.

import { readFileSync } from "node:fs";
import { Texts } from "../../serving/pages/scripts/texts.js";

const TEXTS = new URL("../../serving/pages/texts/", import.meta.url);

/** The page's own texts in a language. */
export function textsOf(language) {
  return new Texts(language, JSON.parse(readFileSync(new URL(`${language}.json`, TEXTS), "utf8")));
}

/** A form as GET /form describes it: one field of each kind, and a dose that two others may stand for; sex is not used. */
export function makeForm() {
  return {
    groups: [
      { name: "patient", fields: ["age_years", "sex"] },
      { name: "treatments", fields: ["prior_lines", "prior_inotuzumab"] },
      { name: "product", fields: ["dose_1e6_per_kg", "dose_total_1e6", "weight_kg"] },
      { name: "laboratory", fields: ["creatinine_mg_dl", "ferritin_ug_l"] },
    ],
    fields: {
      age_years: number("Age at infusion", "years", 0, 100, { required: true }),
      sex: { ...number("Sex", "", null, null), kind: "choice", options: ["female", "male"], use: "unused" },
      prior_lines: { ...number("Previous lines of therapy", "lines", 0, 20, { required: true }), kind: "integer" },
      prior_inotuzumab: { ...number("Prior inotuzumab ozogamicin", "", null, null, { required: true }), kind: "boolean" },
      dose_1e6_per_kg: number("CAR+ cell dose per kg", "10^6 CAR+ cells/kg", 0.001, 50, { required: true }),
      dose_total_1e6: number("Total CAR+ cell dose", "10^6 CAR+ cells", 0.01, 5000),
      weight_kg: number("Body weight", "kg", 2, 300),
      creatinine_mg_dl: number("Serum creatinine", "mg/dL", 0.05, 20, {
        others: [{ name: "umol/L", factor: 1 / 88.42 }], slips: [{ name: "mg/L", factor: 0.1 }], usual: [0.2, 4],
      }),
      ferritin_ug_l: number("Serum ferritin", "ug/L", 1, 200000),
    },
    derived: { dose_1e6_per_kg: ["dose_total_1e6", "weight_kg"] },
    changeable: ["dose_1e6_per_kg"],
    event_free: { field: "event_free_on_day", days: [30, 60, 90, 180] },
  };
}

function number(title, unit, low, high, { required = false, others = [], slips = [], usual = null } = {}) {
  return { kind: "number", title, notes: "", unit, units: [{ name: unit, factor: 1 }, ...others], slips, usual, low, high, options: [], required, use: "value", value_groups: [] };
}

/** An answer with two outcomes, of which one has several horizons, and two unknown fields. */
export function makeAnswer() {
  return {
    prediction_id: "5c2d198d-a7f4-4967-b320-b072b79e648a",
    bundle: { version: "7", digest: `sha256:${"0123456789abcdef".repeat(4)}` },
    intended_use: "Research use only.",
    estimand: "treatment_policy",
    estimand_means: "what happens under current practice",
    cohort: {
      trained: true, synthetic: false, n_infusions: 150, n_patients: 140, age_low: 19, age_high: 65,
      options: { target_antigen: { cd19: 120, cd22: 0 } },
    },
    trained_at: "2025-01-01",
    alike: {
      n: 10, fewer_than: null, rounded_to: 5, of: 150,
      by: [{ field: "age_years", title: "Age at infusion", group: "18 to 39", code: "young_adult" }],
    },
    outcomes: [severeCrs(), relapse()],
    states: [],
    event_free: [],
    missing: ["creatinine_mg_dl", "ferritin_ug_l", "sex"],
    unused: ["sex"],
    warnings: [
      { code: "synthetic_training_cohort", field: "", message: "trained on a synthetic cohort", details: {} },
      { code: "not_validated", field: "severe_crs", message: "severe CRS: not validated", details: { reasons: "few events" } },
      { code: "rare_option", field: "sex", message: "Sex: fewer than 10", details: { fewest: 10 } },
      outsideUse("age_years", "Age at infusion (intended for 18 years or older)", { youngest: 18 }),
    ],
  };
}

/** A warning of a value outside the intended use, as the service gives it. */
export function outsideUse(field, words, details) {
  return { code: "outside_intended_use", field, message: `Outside the intended use: ${words}.`, details };
}

/** The warning that no model knows the product: two rates of severe CRS, none of relapse unless there are more. */
export function productUnknown({ product = "obecabtagene", rates = [publishedRate()], unaware = ["severe_crs", "relapse"] } = {}) {
  const details = { product, unaware, rates, without_rate: [] };
  return { code: "product_not_in_model", field: "product", message: "The model does not use the product.", details };
}

/** A published rate as the service gives it. */
export function publishedRate(changes = {}) {
  return {
    id: "B07", outcome: "severe_crs", rate: 0.024, upper_bound: false, events: null, n: 127, low: null, high: null, horizon_days: 30,
    definition: "grade >= 3, ASTCT", among: "all infused", population: "adults, split dosing", cohort: "FELIX", source: "10.1056/NEJMoa2406526", sources: ["10.1056/NEJMoa2406526"],
    ...changes,
  };
}

function severeCrs() {
  return {
    name: "severe_crs", title: "severe CRS (grade 3 or higher)", definition: "cytokine release syndrome of grade 3 or higher",
    main: true, among: null, horizon_days: 30, risk: 0.2, interval: { level: 0.9, low: 0.1, high: 0.33 },
    curve: [{ horizon_days: 30, risk: 0.2, low: 0.1, high: 0.33 }],
    reference: { risk: 0.1, log_odds: -2.197 }, cohort_average: 0.25,
    contributions: [contribution("age_years", 1.5, { published: 2, local: -0.5 }), contribution("ferritin_ug_l", -0.3)],
    evidence_weight: 0.5, method: "anchored", status: "not validated locally", status_reasons: ["fewer than 20 events"],
    easix: { index: 2.5, risk: 0.3 },
    missing_costs: [
      { field: "easix", title: "EASIX", inputs: ["creatinine_mg_dl"], width: 0.02 },
      { field: "ferritin_ug_l", title: "Serum ferritin", inputs: ["ferritin_ug_l"], width: 0.001 },
    ],
    field_use: {
      age_years: "value", sex: "unused", prior_lines: "interval", prior_inotuzumab: "value", dose_1e6_per_kg: "value",
      dose_total_1e6: "value", weight_kg: "value", creatinine_mg_dl: "value", ferritin_ug_l: "value",
    },
    n_infusions: 150, n_events: 45, n_headline_events: 40, competing: "", interval_note: "", evidence_note: "",
  };
}

function relapse() {
  return {
    ...severeCrs(), name: "relapse", title: "no response, relapse or progression", horizon_days: 365, risk: 0.5,
    interval: { level: 0.9, low: 0.4, high: 0.6 }, status: "internally validated", status_reasons: [], easix: null,
    curve: [{ horizon_days: 90, risk: 0.25, low: 0.2, high: 0.3 }, { horizon_days: 365, risk: 0.5, low: 0.4, high: 0.6 }],
    contributions: [contribution("age_years", 0.4)],
    field_use: { ...severeCrs().field_use, creatinine_mg_dl: "unused" },
    missing_costs: [{ field: "ferritin_ug_l", title: "Serum ferritin", inputs: ["ferritin_ug_l"], width: 0.08 }],
  };
}

function contribution(field, log_odds, { published = log_odds, local = 0 } = {}) {
  return { field, title: field, value: null, unit: "", log_odds, published, local, sources: [], inputs: [] };
}
