// The form: what every request needs, what narrows this answer most, and the rest folded by topic.

import { fill, h } from "./dom.js";
import { drawField } from "./fields.js";
import { chosenNarrowing } from "./narrowing.js";
import { problemWords } from "./problems.js";
import { askedFields, comesUp, emptyEntry, isRequired, readForm } from "./reading.js";
import { explainFocused, whenSettled } from "./settled.js";
import { allUnits } from "./typed.js";
import { separated, UNUSED } from "./used.js";

/** How the page shows each unit, so that a unit can be typed as it is shown. */
function shownUnits(spec, texts) {
  return Object.fromEntries(allUnits(spec).map(({ name }) => [name, texts.unit(name)]));
}

/** The form of one patient. Redrawing it, in another language, keeps what was typed. */
export class PatientForm {
  /**
   * @param {object} form as GET /form describes it
   * @param {HTMLElement} place
   * @param {function(): void} changed called after every change
   */
  constructor(form, place, changed) {
    Object.assign(this, { form: separated(form), place, changed });
    this.clear();
    this.isPressed = whenSettled(() => this.settle());
    explainFocused();
  }

  /** Forget everything. */
  clear() {
    this.entries = Object.fromEntries(Object.entries(this.form.fields).map(([name, spec]) => [name, emptyEntry(spec)]));
    this.byInputs = Object.fromEntries(Object.keys(this.form.derived).map((name) => [name, false]));
    Object.assign(this, { narrowing: [], ranked: null, waiting: null });
  }

  /** Go on with the form of another model; what was typed stays. */
  adopt(form) {
    this.form = separated(form);
    for (const [name, spec] of Object.entries(this.form.fields)) this.entries[name] ??= emptyEntry(spec);
    for (const name of Object.keys(this.form.derived)) this.byInputs[name] ??= false;
  }

  /** Put a patient in, in the schema's units. */
  put(patient) {
    this.clear();
    for (const [name, value] of Object.entries(patient)) this.entries[name].text = String(value);
  }

  /** Put a patient in as it was typed; what is no field of the form is left out. */
  retype(entries) {
    this.clear();
    for (const [name, { text, unit, age = "" }] of Object.entries(entries)) {
      const known = this.form.fields[name]?.units.some((each) => each.name === unit);
      if (known) Object.assign(this.entries[name], { text, unit, age: String(age) });
    }
    for (const [name, inputs] of Object.entries(this.form.derived)) this.byInputs[name] = inputs.every((input) => this.isFilled(input));
  }

  /** The request, problems and what is needed: see `readForm`. */
  read() {
    return readForm(this.form, this.entries, this.byInputs);
  }

  /** Entries of the fields that are asked for. */
  typed() {
    return Object.fromEntries(askedFields(this.form, this.byInputs).filter((name) => comesUp(this.form, name, this.entries)).map((name) => [name, this.entries[name]]));
  }

  /** Draw all fields, each once, where it belongs now. */
  draw(texts) {
    this.texts = texts;
    for (const spec of Object.values(this.form.fields)) spec.shown = shownUnits(spec, texts);
    this.drawn = Object.fromEntries(askedFields(this.form, this.byInputs).map((name) => [name, this.field(name)]));
    const open = new Set([...this.place.querySelectorAll("details[open]")].map(({ dataset }) => dataset.group));
    this.narrowingPlace = h("div.rows");
    this.topics = Object.fromEntries(this.form.groups.map((group) => [group.name, this.topic(group)]));
    const { [UNUSED]: unused, ...topics } = this.topics;
    this.others = folded("others", open, h("summary"), Object.values(topics));
    fill(this.place,
      h("section.group", { "aria-labelledby": "group-needed", "data-group": "needed" },
        h("h3", { id: "group-needed" }, texts.say("form.needed")), h("div.rows", {}, this.needed().map((name) => [this.alternatives(name), this.drawn[name].element]))),
      h("section.group", { "aria-labelledby": "group-narrowing", "data-group": "narrowing" },
        h("h3", { id: "group-narrowing" }, texts.say("form.narrowing")), this.narrowingPlace),
      this.others,
      unused && folded(UNUSED, open, h("summary", {}, texts.count("used.count", unused.fields.length)), h("p.note", {}, texts.say("used.lead")), unused));
    this.arrange();
    this.showComing();
  }

  /** Fields that every request needs, and those that are asked first all the same. */
  needed() {
    const first = new Set(this.form.first ?? []);
    const asked = (name) => first.has(name) || this.isNeeded(name);
    return Object.keys(this.drawn).filter((name) => asked(name) || asked(this.form.asked_if?.[name]?.field));
  }

  /**
   * Show the missing values that narrow the answer most.
   * @param {string[]} ranked missing fields, the costliest first
   */
  narrow(ranked) {
    this.waiting = ranked;
    this.settle();
  }

  /** Follow the newest answer, as far as no field that has the keyboard is moved. */
  settle() {
    if (!this.waiting || this.isPressed()) return;
    const field = document.activeElement?.closest("[data-field]");
    if (field && this.others.contains(field)) return;
    const entering = Boolean(field) && this.narrowingPlace.contains(field);
    this.ranked = this.waiting;
    if (!entering) this.waiting = null;
    this.arrange({ entering });
  }

  /** Put every field that is not needed where it belongs; while one that narrows is entered, others only follow below it. */
  arrange({ entering = false } = {}) {
    const needed = new Set(this.needed());
    const rest = Object.keys(this.drawn).filter((name) => !needed.has(name));
    this.narrowing = chosenNarrowing(this.narrowing, this.ranked, rest, (name) => this.isFilled(name), entering);
    const waiting = this.texts.say(this.ranked ? "form.narrowing_none" : "form.narrowing_wait");
    place(this.narrowingPlace, this.narrowing.length ? this.narrowing.map((name) => this.drawn[name].element) : [h("p.note", {}, waiting)]);
    const elsewhere = new Set([...needed, ...this.narrowing]);
    let folded = [];
    for (const [group, { element, rows, fields }] of Object.entries(this.topics)) {
      const own = fields.filter((name) => name in this.drawn && !elsewhere.has(name));
      element.hidden = !own.length;
      place(rows, own.map((name) => this.drawn[name].element));
      if (group !== UNUSED) folded = [...folded, ...own];
    }
    this.others.hidden = !folded.length;
    const filled = folded.filter((name) => this.isFilled(name)).length;
    fill(this.others.querySelector("summary"), this.texts.count("form.others", folded.length), filled > 0 && ` (${this.texts.count("form.filled", filled)})`);
  }

  /** Show the fields that what is entered brings up, and no others. */
  showComing() {
    for (const [name, { element }] of Object.entries(this.drawn)) element.hidden = !comesUp(this.form, name, this.entries);
  }

  /** Whether an answer needs the field, or it takes the place of one that is needed. */
  isNeeded(name) {
    return name in this.form.fields && isRequired(this.form, name, this.byInputs);
  }

  /** Whether a name is that of a field that an answer does without. */
  isOptional(name) {
    return name in this.drawn && !this.isNeeded(name);
  }

  isFilled(name) {
    return this.entries[name].text.trim() !== "";
  }

  /** Show what the server found wrong, beside the field itself or the one that is left out; returns what belongs to none. */
  refuse(problems) {
    const elsewhere = [];
    for (const name of this.refused ?? []) this.drawn[name]?.update();
    this.refused = problems.map(({ field, beside = field }) => beside);
    for (const problem of problems) {
      const drawn = this.drawn[problem.beside ?? problem.field];
      const words = problemWords(problem, this.form, this.texts);
      if (drawn) drawn.update(words);
      else elsewhere.push(words);
    }
    return elsewhere;
  }

  /** Move the keyboard to a field, unfolding what it is in. */
  focus(name) {
    const field = this.place.querySelector(`[data-field="${CSS.escape(name)}"]`);
    for (let fold = field?.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
    field?.querySelector("input, select")?.focus();
    field?.scrollIntoView({ block: "center" });
  }

  topic({ name, fields, title = `groups.${name}` }) {
    const rows = h("div.rows");
    const head = name !== UNUSED && h("h4", { id: `group-${name}` }, this.texts.say(title));
    return { fields, rows, element: h("div.topic", { "data-group": name, role: "group", "aria-labelledby": head ? `group-${name}` : null }, head, rows) };
  }

  field(name) {
    const required = this.isNeeded(name);
    const changed = () => {
      this.showComing();
      this.changed();
    };
    return drawField(name, this.form.fields[name], this.entries[name], { texts: this.texts, required, changed, dated: (this.form.dated ?? []).includes(name) });
  }

  /** Before a field, or the first of the inputs that may stand for it: the switch between both. */
  alternatives(name) {
    const derived = Object.entries(this.form.derived).find(([own, inputs]) => own === name || inputs[0] === name)?.[0];
    if (!derived) return null;
    const choose = (byInputs) => () => {
      this.byInputs[derived] = byInputs;
      this.draw(this.texts);
      this.changed();
      document.getElementById(`${derived}-by-${byInputs ? "inputs" : "itself"}`).focus();
    };
    const options = [["itself", false], ["inputs", true]].map(([id, byInputs]) => h("label.option", {},
      h("input", { type: "radio", name: `${derived}-by`, id: `${derived}-by-${id}`, checked: this.byInputs[derived] === byInputs, onchange: choose(byInputs) }),
      h("span", {}, this.texts.say(`alternatives.${derived}.${id}`))));
    return h("fieldset.field.alternatives", {}, h("legend", {}, this.texts.say(`alternatives.${derived}.title`)), h("div.options", {}, options));
  }
}

function folded(group, open, summary, ...children) {
  const parts = children.flat().map((child) => child.element ?? child);
  return h("details.group", { "data-group": group, open: open.has(group) }, summary, parts);
}

/** Put elements in a place, leaving those alone that are there in this order already: a moved one loses the keyboard. */
function place(parent, elements) {
  const now = [...parent.children];
  if (now.length <= elements.length && now.every((child, at) => child === elements[at])) parent.append(...elements.slice(now.length));
  else parent.replaceChildren(...elements);
}
