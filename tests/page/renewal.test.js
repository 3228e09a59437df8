// A release while the page is open: the form follows the version that answers, and keeps what was typed.

import assert from "node:assert/strict";
import { test } from "node:test";

import { PatientForm } from "../../serving/pages/scripts/form.js";
import { Options } from "../../serving/pages/scripts/options.js";
import { keepingKeyboard, Renewal, replaceNotice, sameModel } from "../../serving/pages/scripts/renewal.js";
import { makeForm, textsOf } from "./answer.js";
import { standIn } from "./drawn.js";

const [ONE, TWO] = [1, 2].map((number) => ({ version: `${number}-ab12cd`, digest: `sha256:${number}` }));
const EN = textsOf("en");

standIn();

/** A page whose service answers /form by these models, one after the other. */
function renewalWith(...bundles) {
  const renewed = [];
  let pauses = 0;
  const renewal = new Renewal({
    load: async () => ({ bundle: bundles.shift() }),
    renew: (form) => renewed.push(form.bundle),
    pause: async () => { pauses += 1; },
  });
  renewal.begin({ bundle: ONE });
  return { renewal, renewed, pauses: () => pauses };
}

test("models are told apart by version and digest", () => {
  assert.ok(sameModel(ONE, { ...ONE }));
  assert.ok(sameModel(undefined, undefined));
  assert.ok(![{ ...ONE, version: "3" }, { ...ONE, digest: "" }, undefined].some((other) => sameModel(ONE, other)));
});

test("answers of the version of the form change nothing", async () => {
  const { renewal, renewed } = renewalWith();
  await renewal.seen(ONE);
  assert.deepEqual(renewed, []);
});

test("another version renews the form once", async () => {
  const { renewal, renewed } = renewalWith(TWO);
  await Promise.all([renewal.seen(TWO), renewal.seen(TWO)]);
  await renewal.seen(TWO);
  assert.deepEqual(renewed, [TWO]);
});

test("a form of a worker that is still behind is not taken", async () => {
  const { renewal, renewed, pauses } = renewalWith(ONE, ONE, TWO);
  await renewal.seen(TWO);
  assert.deepEqual([renewed, pauses()], [[TWO], 2]);
});

test("a form without a model is never replaced", async () => {
  const { renewal, renewed } = renewalWith();
  renewal.begin({});
  await renewal.seen(TWO);
  assert.deepEqual(renewed, []);
});

test("what was typed stays in the form of another model", () => {
  const made = makeForm();
  const form = Object.create(PatientForm.prototype);
  form.form = made;
  form.clear();
  form.entries.age_years.text = "31";
  const { age_years: age, ...others } = makeForm().fields;
  form.adopt({ ...makeForm(), fields: { new_field: age, ...others, age_years: age } });
  assert.equal(form.entries.age_years.text, "31");
  assert.equal(form.entries.new_field.text, "");
});

test("options keep what can still be chosen", () => {
  const [first, second] = Object.keys(makeForm().fields);
  const options = new Options({ ...makeForm(), changeable: [first, second] });
  options.rows = [first, second];
  options.options[0][second].text = "0.3";
  options.adopt({ ...makeForm(), changeable: [second] });
  assert.deepEqual([options.rows, options.options[0][second].text], [[second], "0.3"]);
  options.adopt({ ...makeForm(), changeable: [first] });
  assert.deepEqual(options.rows, [first]);
});

test("a comparison by another version than that of the answer is not shown", () => {
  let overtaken = 0;
  const options = new Options(makeForm(), () => { overtaken += 1; });
  options.update({ age_years: 31 }, () => "31", ONE);
  options.show({ bundle: TWO });
  assert.deepEqual([overtaken, options.answer], [1, null]);
});

test("the notice is that of the model that answers", () => {
  const header = { notice: "removed", added: [], querySelector: () => ({ remove: () => { header.notice = null; } }), append: (one) => header.added.push(one) };
  globalThis.document.querySelector = () => header;
  replaceNotice({ notice: "SYNTHETIC MODEL", synthetic: true }, EN);
  replaceNotice({ notice: "", synthetic: false }, EN);
  assert.equal(header.notice, null);
  assert.deepEqual(header.added.map(({ attributes }) => attributes["data-text"]), ["server.synthetic"]);
});

test("the keyboard stays in its field", () => {
  const calls = [];
  const field = { focus: () => calls.push("focus"), setSelectionRange: (...range) => calls.push(range) };
  Object.assign(globalThis.document, { activeElement: { id: "age_years", selectionStart: 1, selectionEnd: 2 }, getElementById: () => field });
  keepingKeyboard(() => calls.push("drawn"));
  assert.deepEqual(calls, ["drawn", "focus", [1, 2]]);
  Object.assign(globalThis.document, { activeElement: null });
  keepingKeyboard(() => calls.push("drawn"));
  assert.equal(calls.at(-1), "drawn");
  standIn();
});
