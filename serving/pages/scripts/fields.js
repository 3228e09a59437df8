// One field of the form: label, control, unit, what it means, and what is wrong with it. Blank is not known.

import { drawQuestion } from "./asks.js";
import { fill, h } from "./dom.js";
import { capitalized } from "./facts.js";
import { factorOf, readEntry } from "./reading.js";
import { served } from "./served.js";
import { takeApart } from "./typed.js";
import { howUsed } from "./used.js";
import { drawAge } from "./value_age.js";
import { fieldLabel, optionLabel } from "./wording.js";

const INPUT_MODES = { integer: "numeric", text: "text" };

/**
 * Draw a field.
 * @param {string} name
 * @param {object} spec field of the form
 * @param {{text: string, unit: string}} entry what is typed; changed in place
 * @param {{texts: object, required: boolean, changed: function(): void, prefix?: string, label?: string, blank?: string, dated?: boolean}} context
 *   `prefix` of ids and `label` where a field is drawn a second time; `blank` says what leaving it open means; `dated`
 *   asks how old a value is
 * @returns {{element: HTMLElement, update: function(string=): void, leave: function(string=): void}} `update` shows what is
 *   wrong, the server's words first; `leave` says anew what leaving it open means
 */
export function drawField(name, spec, entry, context) {
  const control = spec.options.length || spec.kind === "boolean" ? drawChoice : drawTyped;
  const { texts } = context;
  return control(name, spec, entry, { prefix: "", blank: texts.say("form.unknown"), label: fieldLabel(name, spec, texts), dated: false, ...context });
}

/** A number or a name: what is typed. */
function drawTyped(name, spec, entry, { texts, required, changed, prefix, blank, label, dated }) {
  const id = prefix + name;
  const input = h("input", {
    id, type: "text", inputmode: INPUT_MODES[spec.kind] ?? "decimal", maxlength: spec.longest ?? null, value: entry.text,
    "aria-describedby": `${id}-problem ${id}-ask ${id}-note ${id}-use ${id}-means`, required, autocomplete: "off", spellcheck: "false",
    placeholder: required ? null : blank,
    oninput: () => { entry.text = input.value; update(); changed(); },
  });
  const problem = h("p.problem", { id: `${id}-problem`, "aria-live": "polite" });
  const ask = h("div.ask", { id: `${id}-ask`, "aria-live": "polite" });
  const note = h("p.note", { id: `${id}-note` });
  const answered = () => {
    input.value = entry.text;
    if (unit?.tagName === "SELECT") unit.value = entry.unit;
    update();
    changed();
    input.focus();
  };
  const age = dated ? drawAge(id, entry, { texts, label, changed }) : null;
  const update = (said = "") => {
    age?.update();
    const found = readEntry(spec, entry);
    fill(problem, said || inWords(found.problem, entry, texts));
    drawQuestion(ask, spec, entry, { texts, answered });
    fill(note, [inOwnUnit(spec, entry, found.value, texts), atLimit(entry, texts)].filter(Boolean).join(" "));
    input.setAttribute("aria-invalid", String(Boolean(said || found.problem)));
  };
  const unit = drawUnit(id, spec, entry, { texts, label }, () => { update(); if (entry.text.trim()) changed(); });
  update();
  const element = h("div.field", { "data-field": name },
    h("label", { for: id }, label, required && mark(texts)),
    h("div.control", {}, h("span.amount", {}, input, unit)), age?.element, problem, ask, note, use(id, name, spec, texts), meaning(id, name, spec, texts));
  const leave = (words = blank) => { if (!required) input.setAttribute("placeholder", words); };
  return { element, update, leave };
}

function drawUnit(id, spec, entry, { texts, label }, changed) {
  const own = texts.unit(spec.unit);
  if (spec.units.length < 2) return own ? h("span.unit", {}, own) : null;
  const options = spec.units.map((unit) => h("option", { value: unit.name, selected: unit.name === entry.unit }, texts.unit(unit.name)));
  return h("select.unit", {
    id: `${id}-unit`, "aria-label": texts.say("form.unit_of", { field: label }),
    onchange: (event) => { entry.unit = event.target.value; changed(); },
  }, options);
}

function drawChoice(name, spec, entry, context) {
  const { texts, required, prefix, blank } = context;
  const id = prefix + name;
  const options = spec.kind === "boolean" ? ["true", "false"] : spec.options;
  const shown = options.map((option) => [option, spec.labels?.[option] ?? optionLabel(name, option, texts)]);
  if (!required) shown.push(["", blank]);
  const problem = h("p.problem", { id: `${id}-problem`, "aria-live": "polite" });
  const choose = (option) => { entry.text = option; fill(problem); context.changed(); };
  const draw = spec.kind === "boolean" ? sideBySide : listed;
  const label = [context.label, required && mark(texts)];
  const [element, last] = draw(id, label, shown, { entry, choose, problem, about: [use(id, name, spec, texts), meaning(id, name, spec, texts)], ...context });
  element.dataset.field = name;
  const leave = (words = blank) => { if (!required) fill(last, words); };
  return { element, update: (said = "") => fill(problem, said), leave };
}

/** The control, and what has the title of its last option. */
function sideBySide(id, label, shown, { entry, choose, problem, about }) {
  const titles = shown.map(([, title]) => h("span", {}, title));
  const radios = shown.map(([option], place) => h("label.option", {},
    h("input", {
      type: "radio", name: id, value: option, id: `${id}-${option || "blank"}`, checked: option === entry.text,
      onchange: () => choose(option),
    }), titles[place]));
  const element = h("fieldset.field", { "aria-describedby": `${id}-problem ${id}-use ${id}-means` },
    h("legend", {}, label), h("div.options", {}, radios), problem, about);
  return [element, titles.at(-1)];
}

function listed(id, label, shown, { entry, choose, problem, about, required, texts }) {
  const first = required ? h("option", { value: "", disabled: true, selected: entry.text === "" }, texts.say("form.choose")) : null;
  const options = shown.map(([option, title]) => h("option", { value: option, selected: option === entry.text }, title));
  const select = h("select", { id, required, "aria-describedby": `${id}-problem ${id}-use ${id}-means`, onchange: () => choose(select.value) }, first, options);
  return [h("div.field", {}, h("label", { for: id }, label), h("div.control", {}, select), problem, about), options.at(-1)];
}

/** What of the field's value counts, where that is not all; shown with its meaning. */
function use(id, name, spec, texts) {
  return h("p.note.meaning", { id: `${id}-use` }, howUsed(name, spec, texts));
}

/** What the field means, for as long as the keyboard is in it; how units convert is done here, not said. */
function meaning(id, name, spec, texts) {
  const key = `notes.${name}`;
  const known = texts.has(key) || (spec.notes && spec.units.length < 2);
  return h("p.note.meaning", { id: `${id}-means` }, known ? served(key, capitalized(spec.notes), texts) : null);
}

function mark(texts) {
  return h("span.unseen", {}, ` ${texts.say("form.required")}`);
}

function inWords(problem, entry, texts) {
  if (!problem) return "";
  const unit = texts.unit(entry.unit);
  return texts.say(`problems.${problem.code}`, {
    low: texts.number(problem.low ?? 0), high: texts.number(problem.high ?? 0), unit,
  }).replace(/ +\.$/, ".").trim();
}

/** That the number is a laboratory's limit, as long as it is. */
function atLimit(entry, texts) {
  const { beyond } = entry;
  return beyond && takeApart(entry.text).text === beyond.text ? texts.say("form.at_limit", beyond) : "";
}

function inOwnUnit(spec, entry, value, texts) {
  if (value === null || ["choice", "text"].includes(spec.kind) || factorOf(spec, entry) === 1) return "";
  return `= ${texts.number(value, 3)} ${texts.unit(spec.unit, value)}`;
}
