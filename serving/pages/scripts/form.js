// The form: groups of fields from GET /form, and what of it is known so far.

import { fill, h } from "./dom.js";
import { drawField } from "./fields.js";
import { askedFields, emptyEntry, isRequired, readForm } from "./reading.js";
import { allUnits } from "./typed.js";
import { separated } from "./used.js";
import { fieldLabel } from "./wording.js";

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
  }

  /** Forget everything. */
  clear() {
    this.entries = Object.fromEntries(Object.entries(this.form.fields).map(([name, spec]) => [name, emptyEntry(spec)]));
    this.byInputs = Object.fromEntries(Object.keys(this.form.derived).map((name) => [name, false]));
  }

  /** Put a patient in, in the schema's units. */
  put(patient) {
    this.clear();
    for (const [name, value] of Object.entries(patient)) this.entries[name].text = String(value);
  }

  /** The request, problems and what is needed: see `readForm`. */
  read() {
    return readForm(this.form, this.entries, this.byInputs);
  }

  /** Entries of the fields that are asked for. */
  typed() {
    return Object.fromEntries(askedFields(this.form, this.byInputs).map((name) => [name, this.entries[name]]));
  }

  /** Draw all groups. */
  draw(texts) {
    this.texts = texts;
    this.drawn = {};
    for (const spec of Object.values(this.form.fields)) spec.shown = shownUnits(spec, texts);
    fill(this.place, this.form.groups.map((group) => this.group(group)));
  }

  /** Show what the server found wrong, beside the fields; returns what belongs to none. */
  refuse(problems) {
    const elsewhere = [];
    for (const name of this.refused ?? []) this.drawn[name]?.update();
    this.refused = problems.map(({ field }) => field);
    for (const { field, message } of problems) {
      if (this.drawn[field]) this.drawn[field].update(this.texts.say(`server.refusals.${field}`, {}, message));
      else elsewhere.push(field ? `${fieldLabel(field, this.form.fields[field], this.texts)}: ${message}` : message);
    }
    return elsewhere;
  }

  /** Move the keyboard to a field. */
  focus(name) {
    const field = this.place.querySelector(`[data-field="${CSS.escape(name)}"]`);
    field?.querySelector("input, select")?.focus();
    field?.scrollIntoView({ block: "center" });
  }

  group({ name, fields, title = `groups.${name}`, lead = "" }) {
    const asked = new Set(askedFields(this.form, this.byInputs));
    const rows = fields.flatMap((field) => [
      field in this.form.derived && this.alternatives(field),
      asked.has(field) && this.field(field),
    ]);
    return h("section.group", { "aria-labelledby": `group-${name}`, "data-group": name },
      h("h3", { id: `group-${name}` }, this.texts.say(title)), lead && h("p.note", {}, this.texts.say(lead)), rows);
  }

  field(name) {
    const required = isRequired(this.form, name, this.byInputs);
    const context = { texts: this.texts, required, changed: this.changed };
    this.drawn[name] = drawField(name, this.form.fields[name], this.entries[name], context);
    return this.drawn[name].element;
  }

  /** Switch between a field and the inputs that may stand for it. */
  alternatives(name) {
    const choose = (byInputs) => () => {
      this.byInputs[name] = byInputs;
      this.draw(this.texts);
      this.changed();
      document.getElementById(`${name}-by-${byInputs ? "inputs" : "itself"}`).focus();
    };
    const options = [["itself", false], ["inputs", true]].map(([id, byInputs]) => h("label.option", {},
      h("input", { type: "radio", name: `${name}-by`, id: `${name}-by-${id}`, checked: this.byInputs[name] === byInputs, onchange: choose(byInputs) }),
      h("span", {}, this.texts.say(`alternatives.${name}.${id}`))));
    return h("fieldset.field.alternatives", {}, h("legend", {}, this.texts.say(`alternatives.${name}.title`)), h("div.options", {}, options));
  }
}
