// Who is still followed, groups of patients, publications: what the model card tells beside its figures.

import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { share, valueText } from "../../serving/pages/scripts/measured.js";
import { reportedFields } from "../../serving/pages/scripts/model_groups.js";
import { outcomeParts } from "../../serving/pages/scripts/model_outcome.js";
import { fullParts, sourceParts } from "../../serving/pages/scripts/model_sources.js";
import { textsOf as texts } from "./answer.js";
import { assertSound, cohort, FORM, measured, outcome } from "./card.js";
import { everything, standIn, textOf } from "./drawn.js";

beforeEach(standIn);

/** Texts of the cells of every row of the first table within what was drawn that has a word in its caption. */
function tableOf(drawn, caption) {
  const found = everything(drawn).filter(({ tag }) => tag === "table").find((one) => textOf(everything(one).find(({ tag }) => tag === "caption")) === caption);
  return everything(found).filter(({ tag }) => tag === "tr").map((row) => row.children.map(textOf));
}

test("what became of the infusions stands at every time", () => {
  const say = (key) => texts("en").say(`model.horizon.${key}`);
  const drawn = outcomeParts(measured(), { cohort: cohort() }, FORM, texts("en"));
  const rows = tableOf(drawn, "Horizons");
  assert.deepEqual(rows[0], ["Horizon", say("events"), say("competing"), say("free"), say("censored"), "Observed in the cohort", "Remark"]);
  assert.deepEqual(rows.slice(1).map((row) => row.slice(1, 6)),
    [["30", "2", "110", "8", "20\u00a0%"], ["40", "3", "60", "47", "40\u00a0%"], ["–", "–", "–", "–", "–"]]);
});

test("an event that nothing competes with has no column for it", () => {
  const alone = outcome({ competing: "", horizons_days: [30], dropped_horizons: {}, cumulative_incidence: { 30: 0.2 }, horizon_counts: { 30: { events: 30, competing: 0, free: 110, censored: 10 } } });
  const rows = tableOf(outcomeParts(alone, { cohort: cohort() }, FORM, texts("en")), "Horizons");
  assert.deepEqual(rows[1], ["day 30", "30", "110", "10", "20\u00a0%"]);
});

test("groups of patients stand with their figures and intervals, or say why not", () => {
  const drawn = outcomeParts(measured(), { cohort: cohort() }, FORM, texts("en"));
  const rows = tableOf(drawn, "Subgroups");
  assert.deepEqual(rows.map((row) => row[0]), ["Group", "Age18 to 39", "Age40 or older", "SexFemale", "SexMale", "CenterCenter 1", "CenterCenter 2"]);
  assert.deepEqual(rows[3].slice(1), ["85", "20", "0.710.60 to 0.80", "+0.20no interval"]);
  assert.deepEqual(rows[4].slice(1), ["60", "15", "too few", "too few"]);
  assert.match(textOf(drawn), /Not reported by: Target antigen, Costimulatory domain\. A report needs at least two groups, each with 20 infusions/);
});

test("groups by a field that is not known here come last", () => {
  assert.deepEqual(reportedFields({ newer: {}, sex: {} }), { reported: ["sex", "newer"], lacking: ["age_years", "target_antigen", "costimulatory_domain", "center"] });
});

test("without any group it is said why", () => {
  const drawn = outcomeParts({ ...measured(), by_subgroup: {} }, { cohort: cohort() }, FORM, texts("en"));
  assert.match(textOf(drawn), /Not reported by: Age, Sex, Target antigen, Costimulatory domain, Center\. A report needs/);
});

test("counts of people are never rounded", () => {
  assert.equal(texts("en").number(140267), "140267");
  const size = { n_needed: 140267, events_needed: 8502, n: 12345, events: 6, parameters: 28, verdict: "" };
  assert.match(textOf(outcomeParts({ ...measured(), sample_size: size }, { cohort: cohort() }, FORM, texts("en"))),
    /140267 infusions with 8502 events; this cohort has 12345 with 6/);
});

test("halves are rounded away from zero, also of a hundred", () => {
  assert.equal(valueText("ici", 0.0345, texts("en")), "3.5");
  assert.equal(valueText("net_benefit_at_10", -0.0625, texts("en")), "−6.3");
  assert.equal(valueText("auroc", 0.625, texts("en")), "0.63");
  assert.equal(share(0.285, texts("en")), "29\u00a0%");
});

for (const language of ["en", "ru"]) {
  test(`an updated model says on whom in ${language}`, () => {
    const said = textOf(outcomeParts(measured(), { cohort: cohort() }, FORM, texts(language)));
    assert.ok(said.includes(texts(language).say("model.updates.title")));
    assert.match(said, /other\.csv/);
    assert.ok(said.includes(texts(language).say("model.updates.recalibration")));
  });

  test(`publications are links, with what rests on them, in ${language}`, () => {
    const card = { outcomes: [outcome()], sources: [{ source: "10.1182/x", terms: { relapse: ["age"] }, fields: { relapse: ["age_years"] } }, { source: "a citation", terms: { relapse: ["age"] }, fields: { relapse: ["age_years"] } }] };
    const drawn = sourceParts(card, FORM, texts(language));
    assertSound(drawn);
    assert.deepEqual(everything(drawn).filter(({ tag }) => tag === "a").map(({ attributes }) => attributes.href), ["https://doi.org/10.1182/x"]);
    assert.ok(textOf(drawn).includes(texts(language).say("fields.age_years")));
    assert.equal(textOf(sourceParts({ outcomes: [] }, FORM, texts(language))), texts(language).say("model.sources.none"));
  });

  test(`the report is named, by the version or a folder, in ${language}`, () => {
    const command = (version) => textOf(everything(fullParts({ bundle: { version } }, texts(language))).find(({ tag }) => tag === "pre"));
    assert.equal(command("7"), "cart-outcomes report 7 --out report.html --json report.json");
    assert.equal(command("7-3fa2c1"), "cart-outcomes report 7-3fa2c1 --out report.html --json report.json");
    assert.equal(command("unregistered"), "cart-outcomes report --bundle DIR --out report.html --json report.json");
  });
}
