// Which fields the model uses: the form sets the others apart, options offer none of them.

import assert from "node:assert/strict";
import { test } from "node:test";

import { sorted, unknown } from "../../serving/pages/scripts/unknown.js";
import { askedByGroup, groupLabel, howUsed, separated } from "../../serving/pages/scripts/used.js";
import { askedFields, emptyEntry, readEntry } from "../../serving/pages/scripts/reading.js";
import { Options } from "../../serving/pages/scripts/options.js";
import { makeAnswer, makeForm, textsOf } from "./answer.js";
import { everything, standIn, textOf } from "./drawn.js";

const EN = textsOf("en");
const RU = textsOf("ru");

/** A number of which a model knows only whether it is above 0, or where it lies between cuts. */
function dose(...ends) {
  const groups = ends.slice(1).map(([high, included], place) => ({
    options: [], low: ends[place][0], high, low_included: !ends[place][1] || place === 0, high_included: included, value: (ends[place][0] + high) / 2,
  }));
  return { kind: "number", unit: "mg/m2", units: [{ name: "mg/m2", factor: 1 }], low: ends[0][0], high: ends.at(-1)[0], options: [], required: false, use: "groups", value_groups: groups };
}

const GIVEN = dose([0, true], [0, true], [250, true]);

test("unused fields are a group of their own, the last, and are asked for all the same", () => {
  const form = makeForm();
  const found = separated(form);
  assert.deepEqual(found.groups.at(-1).fields, ["sex"]);
  assert.deepEqual(found.groups[0], { name: "patient", fields: ["age_years"] });
  assert.deepEqual(new Set(askedFields(found, {})), new Set(askedFields(form, {})));
  assert.deepEqual(form, makeForm());
});

test("a group whose every field is unused is gone, and without a model nothing is moved", () => {
  const form = makeForm();
  form.fields.age_years.use = "unused";
  assert.deepEqual(separated(form).groups.map(({ name }) => name), ["treatments", "product", "laboratory", "unused"]);
  for (const spec of Object.values(form.fields)) delete spec.use;
  assert.deepEqual(separated(form).groups, form.groups);
});

test("a dose that counts as given or not says so, in the words of each language", () => {
  assert.equal(howUsed("fludarabine_mg_m2", GIVEN, EN), "The model distinguishes only: not given; given.");
  assert.equal(howUsed("fludarabine_mg_m2", GIVEN, RU), "Модель различает только: не вводился; вводился.");
  assert.equal(howUsed("mrd_pct", { ...GIVEN, unit: "%" }, EN), "The model distinguishes only: none; above 0.");
});

test("cuts are said with the value on its side", () => {
  const blasts = { ...dose([0, true], [5, false], [100, true]), unit: "%" };
  assert.deepEqual(blasts.value_groups.map((group) => groupLabel("x", blasts, group, EN)), ["below 5 %", "5 % or more"]);
  const other = { ...dose([0, true], [5, true], [20, false], [100, true]), unit: "%" };
  assert.deepEqual(other.value_groups.map((group) => groupLabel("x", other, group, EN)), ["5 % or less", "5 to 20 %", "20 % or more"]);
});

test("options that a model does not tell apart are named together", () => {
  const cns = { options: ["cns1", "cns2", "cns3"], use: "groups", value_groups: [{ options: ["cns1", "cns2"], value: "cns1" }, { options: ["cns3"], value: "cns3" }] };
  assert.equal(howUsed("cns_status", cns, EN), "The model distinguishes only: CNS1 / CNS2; CNS3.");
});

test("a field of which every value counts has no remark, one of the interval alone has", () => {
  assert.equal(howUsed("age_years", makeForm().fields.age_years, EN), "");
  assert.equal(howUsed("ecog", { use: "interval" }, EN), "Changes the interval, not the risk.");
});

test("options ask by group where only groups count", () => {
  const asked = askedByGroup("fludarabine_mg_m2", GIVEN, EN);
  assert.deepEqual([asked.kind, asked.options, asked.labels], ["grouped", ["0", "125"], { 0: "not given", 125: "given" }]);
  assert.deepEqual(readEntry(asked, { ...emptyEntry(GIVEN), text: "125" }), { value: 125, problem: null });
  assert.equal(howUsed("fludarabine_mg_m2", asked, EN), "");
});

test("options have a choice of groups, and is gone where nothing can be changed", () => {
  standIn();
  const form = makeForm();
  form.fields.fludarabine_mg_m2 = GIVEN;
  form.changeable = ["dose_1e6_per_kg", "fludarabine_mg_m2"];
  const drawn = new Options(form).draw(EN);
  assert.deepEqual(everything(drawn).filter(({ tag }) => tag === "option").map(({ attributes }) => attributes.value), ["0", "125", ""]);
  assert.equal(new Options({ ...form, changeable: [] }).draw(EN), null);
});

test("what is missing is sorted by what knowing it would change", () => {
  const answer = makeAnswer();
  const names = ({ rows, ...rest }) => ({ rows: rows.map(({ field }) => field), ...rest });
  assert.deepEqual(names(sorted(answer)), { rows: ["ferritin_ug_l", "easix"], little: [], unmeasured: [], unused: ["sex"] });
  for (const outcome of answer.outcomes) for (const cost of outcome.missing_costs) cost.width = 0;
  assert.deepEqual(names(sorted(answer)), { rows: [], little: ["creatinine_mg_dl", "ferritin_ug_l"], unmeasured: [], unused: ["sex"] });
});

test("a field that trees use has no cost that is known, so none is claimed", () => {
  const answer = makeAnswer();
  for (const outcome of answer.outcomes) outcome.missing_costs = [];
  assert.deepEqual(sorted(answer), { rows: [], little: [], unmeasured: ["creatinine_mg_dl", "ferritin_ug_l"], unused: ["sex"] });
});

test("nothing is said to narrow an interval that the model does not use", () => {
  standIn();
  const context = { texts: EN, form: makeForm(), focus: () => {}, keepOpen: (_, details) => details };
  const lines = everything(unknown(makeAnswer(), context)).filter(({ attributes }) => attributes["data-kind"]);
  assert.deepEqual(lines.map(textOf), ["Not used by this model; they change no risk and no interval: Sex"]);
});
