// The model card: what is computed for it, and that it draws whatever a card may lack.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { bars, calibrationFigure, reach, thinned } from "../../serving/pages/scripts/calibration_chart.js";
import { bandPath, linePath, roundLimit, roundStep, scale, ticks } from "../../serving/pages/scripts/chart_axes.js";
import { curlCommand } from "../../serving/pages/scripts/curl.js";
import { decisionFigure, rowsOf, span, useful } from "../../serving/pages/scripts/decision_chart.js";
import { decimal, intervalText, kindOf, ordered, share, sizeSuffices, valueText, verdictOf } from "../../serving/pages/scripts/measured.js";
import { byCount, byMissing, dataParts } from "../../serving/pages/scripts/model_data.js";
import { gainSpan } from "../../serving/pages/scripts/model_figures.js";
import { horizonRows } from "../../serving/pages/scripts/model_horizons.js";
import { outcomeParts } from "../../serving/pages/scripts/model_outcome.js";
import { shortDigest } from "../../serving/pages/scripts/served.js";
import { textsOf as texts } from "./answer.js";
import { assertSound, cohort, CURVES, FORM, measured, outcome } from "./card.js";
import { everything, standIn, textOf } from "./drawn.js";

beforeEach(standIn);

test("axes end at the smallest round limit that holds all", () => {
  assert.equal(roundLimit([0.04, null, 0.3]), 0.3);
  assert.equal(roundLimit([0.61]), 0.8);
  assert.equal(roundLimit([]), 0.1);
  assert.equal(roundLimit([1]), 1);
});

test("steps are round, and ticks are multiples of them", () => {
  assert.deepEqual([0.5, 0.3, 1, 0.07].map((length) => roundStep(length, 5)), [0.1, 0.1, 0.2, 0.02]);
  assert.deepEqual(ticks(-0.05, 0.2, 0.1), [0, 0.1, 0.2]);
  assert.deepEqual(ticks(0, 0.3, 0.1), [0, 0.1, 0.2, 0.3]);
});

test("a line has a gap where a value is not known", () => {
  const x = scale([0, 4], [0, 40]);
  const y = scale([0, 1], [10, 0]);
  assert.equal(linePath([0, 1, 2, 3, 4], [0, 1, null, 1, 0], x, y), "M0 10L10 0M30 0L40 10");
  assert.equal(linePath([0, 1], [null, 1], x, y), "");
  assert.equal(bandPath([0, 1], [0, 0], [1, 0.5], x, y), "M0 0L10 5L10 10L0 10Z");
});

test("calibration reaches as far as anything that is drawn", () => {
  assert.equal(reach(CURVES.calibration), 0.5);
  assert.equal(reach({ ...CURVES.calibration, histogram: [...Array(19).fill(0), 5] }), 1);
  assert.deepEqual(bars([0, 5]), [{ from: 0.5, to: 1, n: 5 }]);
});

test("thinned rows keep both ends", () => {
  assert.deepEqual(thinned([1, 2, 3], 5), [1, 2, 3]);
  assert.deepEqual(thinned([0, 1, 2, 3, 4, 5, 6, 7, 8], 3), [0, 4, 8]);
});

test("the model is useful where it beats acting on all and on none by half a patient in a hundred", () => {
  assert.deepEqual(useful(CURVES.decision), { from: 0.1, to: 0.15 });
  assert.equal(useful({ threshold: [0.1, 0.2], model: [0.1, 0.004], treat_all: [0.1, -0.1] }), null);
  const parted = { threshold: [1, 2, 3, 4, 5], model: [1, 0, 1, 1, 0], treat_all: [0, 0, 0, 0, 0] };
  assert.deepEqual(useful(parted), { from: 3, to: 4 });
});

test("the decision chart holds 0 and the highest benefit", () => {
  const { low, high, step } = span(CURVES.decision);
  assert.ok(low < 0 && high >= 0.16 && step > 0);
  assert.deepEqual(rowsOf(CURVES.decision).map((row) => row.threshold), [0.05, 0.1, 0.15, 0.2]);
});

test("figures are written with fixed decimals in the language of the page", () => {
  assert.equal(decimal(-0.5, 2, texts("en")), "−0.50");
  assert.equal(decimal(-0.5, 2, texts("ru")), "−0,50");
  assert.equal(decimal(-0.0001, 2, texts("en")), "0.00");
  assert.equal(valueText("log_loss", 0.5, texts("en")), "0.500");
  assert.equal(valueText("net_benefit_at_20", 0.05, texts("en")), "+5.0");
  assert.equal(valueText("auroc", null, texts("en")), "–");
  assert.equal(intervalText("auroc", { low: 0.5, high: 0.75 }, texts("en")), "0.50 to 0.75");
  assert.equal(intervalText("auroc", { low: null, high: null }, texts("en")), "–");
  assert.equal(share(0.125, texts("ru"), 1), "12,5\u00a0%");
});

test("figures have an order, whatever a newer service measures", () => {
  assert.deepEqual(ordered(["newer", "log_loss", "net_benefit_at_50", "net_benefit_at_10", "auroc"]),
    ["auroc", "log_loss", "net_benefit_at_10", "net_benefit_at_50", "newer"]);
  assert.deepEqual(kindOf("net_benefit_at_30"), { kind: "net_benefit", threshold: 30 });
});

test("a gain is one only where its interval says so", () => {
  const verdict = (low, high) => verdictOf({ value: (low + high) / 2, low, high });
  assert.deepEqual([verdict(0.01, 0.05), verdict(-0.01, 0.05), verdict(-0.05, -0.01)], ["better", "open", "worse"]);
  assert.equal(verdictOf({ value: 0.1, low: null, high: null }), "unknown");
  const [low, high] = gainSpan([{ value: 0.1, low: 0.05, high: 0.2 }]);
  assert.ok(low < 0 && high > 0.2);
});

test("a cohort is large enough with infusions and events, not with one of them", () => {
  const size = { n: 500, n_needed: 412, events: 90, events_needed: 82.4 };
  assert.ok(sizeSuffices(size));
  assert.ok(!sizeSuffices({ ...size, events: 82 }));
  assert.ok(!sizeSuffices({ ...size, n: 411 }));
});

test("horizons rise, and those left out say why", () => {
  assert.deepEqual(horizonRows(outcome()), [
    { day: 90, observed: 0.2, dropped: "", counts: null },
    { day: 365, observed: 0.4, dropped: "", counts: null },
    { day: 730, observed: null, dropped: "too few are followed", counts: null },
  ]);
});

test("missing inputs come most first, complete ones not at all", () => {
  assert.deepEqual(byMissing({ a: 0.1, b: 0, c: 0.5 }), [["c", 0.5], ["a", 0.1]]);
  assert.deepEqual(byCount({ a: 10, b: 20 }), [["b", 20], ["a", 10]]);
});

test("a digest is told short", () => {
  assert.equal(shortDigest(`sha256:${"ab".repeat(32)}`), "abababababab…");
  assert.equal(shortDigest("7"), "7");
});

test("a command survives a quotation mark in a value", () => {
  assert.equal(curlCommand({ a: 1, b: "it's" }, "http://h/risk"),
    "curl -s http://h/risk \\\n  -H 'content-type: application/json' \\\n  -d '{\n  \"a\": 1,\n  \"b\": \"it'\\''s\"\n}'");
});

for (const language of ["en", "ru"]) {
  for (const [what, found] of [["nothing measured", outcome()], ["everything measured", measured()]]) {
    test(`an outcome with ${what} is drawn in ${language}`, () => {
      assertSound(outcomeParts(found, { cohort: cohort() }, FORM, texts(language)));
    });
  }

  test(`masked counts are named so in ${language}`, () => {
    const few = measured();
    Object.assign(few, { n_events: null, n_competing: null, horizon_counts: { 90: { events: null, competing: 2, free: null, censored: 8 } } });
    few.by_center[1].n_events = null;
    const drawn = outcomeParts(few, { cohort: cohort() }, FORM, texts(language));
    assertSound(drawn);
    assert.equal(textOf(drawn).split(texts(language).say("model.masked")).length - 1, 5);
  });

  test(`published evidence alone is drawn in ${language}`, () => {
    const alone = outcome({ method: "published", status: "published evidence only", dropped_horizons: {}, n_infusions: 0, n_events: 0 });
    const drawn = outcomeParts(alone, { cohort: cohort({ trained: false }) }, FORM, texts(language));
    assertSound(drawn);
    assert.ok(textOf(drawn).includes(texts(language).say("model.validation.none")));
    assert.ok(textOf(drawn).includes(texts(language).say("model.outcome.base_rate")));
  });

  test(`the cohort is drawn in ${language}`, () => {
    const say = (key) => texts(language).say(`model.data.${key}`);
    for (const changes of [{}, { synthetic: true }, { trained: false }, { missing: {}, ranges: {}, options: {} }]) {
      assertSound(dataParts({ cohort: cohort(changes) }, FORM, texts(language)));
    }
    assert.ok(textOf(dataParts({ cohort: cohort({ synthetic: true }) }, FORM, texts(language))).includes(say("synthetic")));
    assert.ok(textOf(dataParts({ cohort: cohort({ trained: false }) }, FORM, texts(language))).includes(say("none")));
  });

  test(`charts are pictures with a name and a table in ${language}`, () => {
    for (const drawn of [calibrationFigure(CURVES.calibration, "X", texts(language)), decisionFigure(CURVES.decision, "X", texts(language))]) {
      assertSound(drawn);
      const pictures = everything(drawn).filter(({ attributes }) => attributes.role === "img");
      assert.equal(pictures.length, 1);
      assert.match(pictures[0].attributes["aria-label"], /X/);
      assert.ok(everything(drawn).some(({ tag }) => tag === "table"));
    }
  });
}

test("what must be known of evidence and interval is not folded away", () => {
  const drawn = outcomeParts(outcome({ evidence_note: "no study states an effect", interval_note: "too narrow" }), { cohort: cohort() }, FORM, texts("en"));
  const open = textOf(drawn.filter((part) => part?.tag !== "details"));
  assert.match(open, /no study states an effect/);
  assert.match(open, /too narrow/);
});

test("what the service says in English is marked as English on a Russian page", () => {
  const marked = everything(outcomeParts(outcome(), { cohort: cohort() }, FORM, texts("ru"))).filter(({ attributes }) => attributes.lang === "en");
  assert.deepEqual(marked.map(textOf), ["not cross-validated", "too few are followed"]);
});
