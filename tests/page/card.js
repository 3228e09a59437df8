// What the tests of the model card draw: outcomes and a cohort as GET /model gives them.

import assert from "node:assert/strict";
import { everything, textOf } from "./drawn.js";

/** A form as GET /form describes it, as far as the card asks. */
export const FORM = { fields: { ferritin_ug_l: { title: "Serum ferritin", unit: "ug/L" }, age_years: { title: "Age", unit: "years" }, sex: { title: "Sex", unit: "" } } };

/** Curves of out-of-fold risks, with points that could not be computed. */
export const CURVES = {
  calibration: {
    risk: [0.1, 0.2, 0.3], observed: [0.12, null, 0.28], low: [0.05, 0.1, 0.2], high: [0.2, 0.3, 0.41],
    group_risk: [0.15, 0.25], group_observed: [0.1, null], group_n: [10, 12],
    histogram: [0, 0, 10, 15, 5, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0],
  },
  decision: { threshold: [0.05, 0.1, 0.15, 0.2], model: [0.16, 0.12, 0.1, null], treat_all: [0.16, 0.1, 0.06, 0.01] },
};

/** A verdict where nothing was measured, but for what is changed. */
export function assessment(changes = {}) {
  return { verdict: "not_validated", grounds: [], horizon_days: null, n_events: null, weakest_centers: { auroc: null, observed_expected: null }, ...changes };
}

/** An outcome of which nothing was measured, but for what is changed. */
export function outcome(changes = {}) {
  return {
    name: "relapse", title: "relapse", definition: "a definition", competing: "death before", method: "anchored", evidence_weight: 0.5,
    headline_days: 365, horizons_days: [90, 365], dropped_horizons: { 730: "too few are followed" }, n_infusions: 150, n_events: 40, n_competing: 3,
    cumulative_incidence: { 90: 0.2, 365: 0.4 }, metrics: {}, paired: {}, by_center: {}, center_notes: [], by_subgroup: {}, horizon_counts: {}, update: null, sample_size: null, instability: null,
    calibration: null, decision_curve: null, status: "not validated locally", status_reasons: ["not cross-validated"],
    counts: {}, grading: "", censoring: "", interval_note: "", evidence_note: "", main: true, assessment: assessment(), ...changes,
  };
}

/** An outcome of which everything was measured, some of it without an answer. */
export function measured() {
  const figure = { value: 0.71, low: 0.6, high: 0.8 };
  return outcome({
    metrics: { 365: { auroc: figure, log_loss: figure, net_benefit_at_10: figure, calibration_slope: { value: null, low: null, high: null } }, 90: { auroc: figure } },
    paired: { prevalence: { value: 0.03, low: 0.01, high: 0.05 }, easix: { value: null, low: null, high: null } },
    by_center: { 1: { n_infusions: 52, n_events: 11, metrics: { auroc: figure } } },
    center_notes: ["1 of 3 centers have 10 patients"],
    by_subgroup: {
      sex: { female: { n_infusions: 85, n_events: 20, metrics: { auroc: figure, calibration_in_the_large: { value: 0.2, low: null, high: null } } }, male: { n_infusions: 60, n_events: 15, metrics: { auroc: { value: null, low: null, high: null } } } },
      age_years: { young_adult: { title: "18 to 39", n_infusions: 100, n_events: 25, metrics: { auroc: figure } }, older_adult: { title: "40 or older", n_infusions: 45, n_events: 10, metrics: { auroc: figure } } },
      center: { 1: { n_infusions: 50, n_events: 10, metrics: {} }, 2: { n_infusions: 95, n_events: 25, metrics: { auroc: figure } } },
    },
    horizon_counts: { 90: { events: 30, competing: 2, free: 110, censored: 8 }, 365: { events: 40, competing: 3, free: 60, censored: 47 } },
    update: { kind: "recalibration", shift: 0.2, slope: 0.8, more: {}, tests: ["a shift: p = 0.01"], cohort: "other.csv" },
    sample_size: { n_needed: 412, events_needed: 82.4, n: 150, events: 40, parameters: 6, verdict: "too small" },
    instability: { value: 0.16, low: 0.11, high: 0.22 },
    calibration: CURVES.calibration, decision_curve: CURVES.decision, counts: { no_grade: 2 },
    censoring: "censoring is assumed not to depend on the outcome",
    assessment: assessment({ verdict: "not_established", grounds: ["status"], horizon_days: 365, n_events: 40, weakest_centers: { auroc: 1, observed_expected: null } }),
  });
}

/** A cohort, but for what is changed. */
export function cohort(changes = {}) {
  return {
    trained: true, name: "cohort.csv", sha256: "ab", synthetic: false, n_infusions: 150, n_patients: 140, n_centers: 0,
    missing: { ferritin_ug_l: 0.3, age_years: 0 }, ranges: { age_years: [19, 65] }, options: { target_antigen: { cd22: 0, cd19: 120 } }, ...changes,
  };
}

/** No text or attribute shows a value that is not there, or the key of a text. */
export function assertSound(drawn) {
  const said = textOf(drawn);
  assert.doesNotMatch(said, /undefined|NaN|null|\{\w+\}|\[object/);
  assert.doesNotMatch(said, /\b(model|server|statuses|horizons|page)\.[a-z_]+\b/);
  for (const { attributes } of everything(drawn)) {
    for (const value of Object.values(attributes)) assert.doesNotMatch(value, /undefined|NaN|Infinity|null/);
  }
}
