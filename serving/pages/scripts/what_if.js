// "What if": the risks with another value of what can still be chosen. An association, not an effect.

import { Asker, askRisk } from "./asking.js";
import { fill, h } from "./dom.js";
import { asShown } from "./families.js";
import { drawField } from "./fields.js";
import { ofHundred, percent, points } from "./numbers.js";
import { emptyEntry, readEntry } from "./reading.js";
import { askedByGroup } from "./used.js";
import { outcomeName } from "./wording.js";

const PREFIX = "if-";

/** The request with some fields changed; a changed field is no longer derived from its inputs. */
export function changedPatient(patient, changes, derived) {
  const dropped = new Set(Object.keys(changes).flatMap((name) => derived[name] ?? []));
  const kept = Object.entries(patient).filter(([name]) => !dropped.has(name));
  return { ...Object.fromEntries(kept), ...changes };
}

/** The panel, of fields that move a risk. It stays while answers come and go, so that what is typed in it stays too. */
export class WhatIf {
  /** @param {object} form as GET /form describes it */
  constructor(form) {
    this.form = form;
    this.open = false;
    this.result = h("div", { "aria-live": "polite" });
    this.asker = new Asker({
      ask: askRisk, show: (answer) => this.show(answer),
      refused: (body) => this.refuse(body), gone: () => fill(this.result, h("p.problem", {}, this.texts.say("trouble.gone"))),
    });
    this.clear();
  }

  clear() {
    this.entries = Object.fromEntries(this.form.changeable.map((name) => [name, emptyEntry(this.form.fields[name])]));
  }

  /** A field as it is asked for here. */
  spec(name) {
    return askedByGroup(name, this.form.fields[name], this.texts);
  }

  /** Draw the panel in a language; null where nothing that can still be chosen moves a risk. */
  draw(texts) {
    this.texts = texts;
    if (!this.form.changeable.length) return null;
    const changed = () => this.ask();
    const fields = this.form.changeable.map((name) => drawField(name, this.spec(name), this.entries[name], {
      texts, required: false, prefix: PREFIX, blank: texts.say("what_if.as_entered"), changed,
    }).element);
    this.element = h("details.card.what-if", { open: this.open, ontoggle: (event) => { this.open = event.target.open; } },
      h("summary", {}, texts.say("what_if.title")), h("p.caveat", {}, texts.say("what_if.caveat")),
      h("div.what-if-fields", {}, fields), this.result);
    return this.element;
  }

  /** Take the newest answer for the patient as entered. */
  update(answer, patient) {
    Object.assign(this, { answer, patient });
    this.ask();
  }

  ask() {
    const read = Object.entries(this.entries).map(([name, entry]) => [name, readEntry(this.spec(name), entry)]);
    const changes = Object.fromEntries(read.filter(([, { value }]) => value !== null).map(([name, { value }]) => [name, value]));
    this.asker.cancel();
    const wrong = read.some(([, { problem }]) => problem);
    if (wrong || !this.patient || !Object.keys(changes).length) fill(this.result);
    else this.asker.send(changedPatient(this.patient, changes, this.form.derived));
  }

  refuse(body) {
    const words = (body.problems ?? []).map((problem) => problem.message).join("; ");
    fill(this.result, h("p.problem", {}, words || body.error));
  }

  show(other) {
    const { texts } = this;
    const head = ["what_if.outcome", "what_if.now", "what_if.then", "what_if.change"].map((key) => h("th", { scope: "col" }, texts.say(key)));
    const rows = other.outcomes.map((outcome) => {
      const then = asShown(outcome, other);
      const now = asShown(this.answer.outcomes.find(({ name }) => name === then.name), this.answer);
      return h("tr", {}, h("th", { scope: "row" }, outcomeName(then, texts)),
        h("td.number", {}, ofHundred(now.risk, texts)), h("td.number", {}, ofHundred(then.risk, texts)),
        h("td.number", {}, points((percent(then.risk) - percent(now.risk)) / 100)));
    });
    fill(this.result, h("table", { id: "what-if-result" }, h("thead", {}, h("tr", {}, head)), h("tbody", {}, rows)));
  }
}
