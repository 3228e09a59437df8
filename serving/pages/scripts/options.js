// Options side by side: the risks with other values of what can still be chosen. Associations, never effects.

import { Asker, askOptions, refusalText } from "./asking.js";
import { fill, h } from "./dom.js";
import { drawField } from "./fields.js";
import { followedWords, letter, resultRows } from "./option_results.js";
import { emptyEntry, readEntry } from "./reading.js";
import { problemWords } from "./problems.js";
import { sameModel } from "./renewal.js";
import { tradeOff } from "./trade_off.js";
import { askedByGroup } from "./used.js";
import { fieldLabel } from "./wording.js";

const MOST = 3;
// Rows that are there before any is added.
const ROWS_AT_FIRST = 2;

/** The panel. It stays while answers come and go, so that what is typed in it stays too. */
export class Options {
  /**
   * @param {object} form as GET /form describes it
   * @param {function(): void} [overtaken] called when another version of the model compares than has answered
   */
  constructor(form, overtaken = () => {}) {
    Object.assign(this, { form, overtaken });
    this.asker = new Asker({
      ask: askOptions, show: (answer, request) => this.show(answer, request), refused: (body, _, status) => this.refuse(body, status), gone: () => this.forget("trouble.gone"),
    });
    this.clear();
  }

  /** One option without any value, as for a new patient. */
  clear() {
    this.asker.cancel();
    Object.assign(this, { options: [this.blank()], rows: this.form.changeable.slice(0, ROWS_AT_FIRST), answer: null });
  }

  /** Go on with the form of another model; what was typed stays, as far as it can still be chosen. */
  adopt(form) {
    this.form = form;
    this.options = this.options.map((entries) => ({ ...this.blank(), ...entries }));
    this.rows = this.rows.filter((name) => form.changeable.includes(name));
    if (!this.rows.length) this.rows = form.changeable.slice(0, ROWS_AT_FIRST);
  }

  blank() {
    return Object.fromEntries(this.form.changeable.map((name) => [name, emptyEntry(this.form.fields[name])]));
  }

  /** A field as it is asked for here: numbers of which only groups count are a choice of groups. */
  spec(name) {
    const spec = this.form.fields[name];
    return spec.options.length ? spec : askedByGroup(name, spec, this.texts);
  }

  /** Draw the panel in a language; null where nothing that can still be chosen moves a risk. */
  draw(texts) {
    this.texts = texts;
    if (!this.form.changeable.length) return null;
    this.results = h("tbody.results");
    this.said = h("div.option-remarks", { "aria-live": "polite" });
    this.picture = h("div.trade-off");
    this.head = h("thead");
    this.inputs = h("tbody.inputs");
    this.foot = h("p.buttons");
    this.element = h("section.card.options-panel", { "aria-labelledby": "options-title" },
      h("div.options-head", {}, h("h3", { id: "options-title" }, texts.say("compare.title")), h("p.caveat", {}, texts.say("compare.caveat"))),
      h("div.options-body", {},
        h("div.wide", {}, h("table", { id: "options-table" }, this.head, this.inputs, this.results)), this.picture),
      this.foot, this.said);
    this.layOut();
    this.drawResults();
    return this.element;
  }

  /** Draw heads, inputs and buttons for the options and rows that there are. */
  layOut() {
    const { texts } = this;
    this.drawn = this.options.map(() => ({}));
    const changed = () => this.ask();
    const cell = (name, place) => {
      const drawn = drawField(name, this.spec(name), this.options[place][name], {
        texts, required: false, prefix: `option-${place + 1}-`, blank: texts.say("compare.as_entered"), changed,
        label: `${fieldLabel(name, this.form.fields[name], texts)}, ${this.name(place)}`,
      });
      this.drawn[place][name] = drawn;
      return h("td", {}, drawn.element);
    };
    this.entered = {};
    const row = (name) => h("tr", { "data-row": name }, h("th", { scope: "row" }, fieldLabel(name, this.form.fields[name], texts)),
      (this.entered[name] = h("td.entered-value")), this.options.map((_, place) => cell(name, place)));
    fill(this.head, h("tr", {}, h("th", { scope: "col" }, texts.say("compare.of_100")), h("th", { scope: "col" }, texts.say("compare.entered")),
      this.options.map((_, place) => h("th", { scope: "col" }, this.name(place), " ", this.options.length > 1 && this.removal(place)))));
    fill(this.inputs, this.rows.map(row));
    fill(this.foot, this.adding(), this.options.length < MOST && h("button.quiet", { type: "button", id: "add-option", onclick: () => this.add() }, texts.say("compare.add")));
    this.drawEntered();
  }

  name(place) {
    return this.texts.say("compare.name", { letter: letter(place) });
  }

  removal(place) {
    return h("button.link.remove", {
      type: "button", "aria-label": this.texts.say("compare.remove", { letter: letter(place) }),
      onclick: () => { this.options.splice(place, 1); this.restart("add-option"); },
    }, "×");
  }

  add() {
    this.options.push(this.blank());
    this.restart(`option-${this.options.length}-${this.rows[0]}`);
  }

  /** Draw all anew after an option or a row came or went, and move the keyboard to what is next. */
  restart(focused) {
    this.layOut();
    this.ask();
    (document.getElementById(focused) ?? this.foot.querySelector("select, button"))?.focus();
  }

  /** The choice of a further field to compare. */
  adding() {
    const rest = this.form.changeable.filter((name) => !this.rows.includes(name));
    if (!rest.length) return null;
    const take = (event) => { this.rows.push(event.target.value); this.restart(`option-1-${event.target.value}`); };
    return h("label.add-row", {}, h("span.unseen", {}, this.texts.say("compare.row")), h("select", { id: "add-row", onchange: take },
      h("option", { value: "", disabled: true, selected: true }, this.texts.say("compare.row")),
      rest.map((name) => h("option", { value: name }, fieldLabel(name, this.form.fields[name], this.texts)))));
  }

  /** What was entered for each row, beside the options. */
  drawEntered() {
    for (const [name, place] of Object.entries(this.entered ?? {})) fill(place, this.words?.(name) || this.computed(name) || h("span.quiet", {}, this.texts.say("form.unknown")));
  }

  /** In fields left open, the values that follow from what the option states; else that they are as entered. */
  drawFollowed() {
    this.drawn.forEach((fields, place) => {
      const option = this.answer?.options[this.asked.indexOf(place)];
      const followed = option ? followedWords(option, this.options[place], this.texts) : {};
      for (const [name, drawn] of Object.entries(fields)) drawn.leave(followed[name]);
    });
  }

  /** A dose per kg of which total and weight were entered. */
  computed(name) {
    const [total, weight] = (this.form.derived[name] ?? []).map((input) => this.patient?.[input]);
    if (!total || !weight) return null;
    const { texts } = this;
    return [`${texts.number(total / weight, 2)} ${texts.unit(this.form.fields[name].unit)} `, h("span.quiet", {}, texts.say("compare.computed"))];
  }

  /**
   * Take the newest answer for the patient as entered.
   * @param {object} patient the request, without what is asked beside it
   * @param {function(string): string} words the entered value of a field, as it was typed
   * @param {object} [bundle] the model of the answer
   */
  update(patient, words, bundle) {
    Object.assign(this, { patient, words, bundle });
    this.drawEntered();
    this.ask({ at: "once" });
  }

  /** The values of each option; blank fields are as entered. */
  changes() {
    return this.options.map((entries) => Object.fromEntries(this.rows
      .map((name) => [name, readEntry(this.spec(name), entries[name])])
      .filter(([, { value }]) => value !== null).map(([name, { value }]) => [name, value])));
  }

  ask({ at = "rest" } = {}) {
    this.asker.cancel();
    if (!this.patient) return;
    const changes = this.changes();
    this.asked = changes.map((change, place) => (Object.keys(change).length ? place : -1)).filter((place) => place >= 0);
    if (!this.asked.length) {
      this.forget();
      return;
    }
    this.element?.setAttribute("aria-busy", "true");
    const request = { patient: this.patient, options: this.asked.map((place) => changes[place]) };
    if (at === "once") this.asker.now(request);
    else this.asker.send(request);
  }

  /** No comparison, and why where there is a reason. */
  forget(key = null) {
    this.answer = null;
    this.drawResults();
    if (key) fill(this.said, h("p.problem", {}, this.texts.say(key)));
  }

  show(answer, request) {
    // Risks of two models are not compared: the patient is asked again first.
    if (!sameModel(answer.bundle, this.bundle)) {
      this.overtaken();
      return;
    }
    Object.assign(this, { answer, answered: request });
    for (const fields of this.drawn) for (const drawn of Object.values(fields)) drawn.update();
    this.drawResults();
    performance.mark("compared");
  }

  /** What the service found wrong with an option beside its field; what is wrong with the patient is said elsewhere. */
  refuse(body, status) {
    this.forget();
    const elsewhere = refusalText(status) === "trouble.refused" ? [] : [this.texts.say(refusalText(status))];
    for (const problem of body.problems ?? []) {
      const [, place, name = ""] = /^(?:patient|options\.(\d+))\.(\w+)$/.exec(problem.field) ?? [];
      const drawn = place && this.drawn[this.asked[Number(place)]]?.[name];
      const words = problemWords({ ...problem, field: name }, this.form, this.texts);
      if (drawn) drawn.update(words);
      else elsewhere.push(words);
    }
    fill(this.said, elsewhere.length > 0 && h("p.problem", {}, elsewhere.join(" ")));
  }

  /** Record what is shown; without a comparison there is nothing to record. */
  async recorded(handing, use) {
    return this.answer ? handing.recorded("risk/options", this.answer, this.answered, use) : { problem: "" };
  }

  drawResults() {
    if (!this.element) return;
    this.element.setAttribute("aria-busy", "false");
    this.drawFollowed();
    const { rows, remarks } = this.answer ? resultRows(this.answer, this) : { rows: [], remarks: [] };
    fill(this.results, rows);
    fill(this.said, remarks);
    fill(this.picture, this.answer && tradeOff(this.answer, this));
  }
}
