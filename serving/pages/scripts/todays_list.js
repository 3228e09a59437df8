// Today's patients: kept in this tab alone, exported by choice as a file that a password opens.

import { fill, h } from "./dom.js";
import { arranged } from "./families.js";
import { CHANGED } from "./handing_over.js";
import { ofHundred, range } from "./numbers.js";
import { canSeal, open, seal, SHORTEST_PASSWORD } from "./sealed_file.js";
import { outcomeName } from "./wording.js";

const FILE = "todays-list.json";
const MOST = 50;

/** The list. It stays while answers come and go; closing or reloading the page deletes it. */
export class TodaysList {
  /**
   * @param {function(object): void} show called with the entries of a patient that is to be shown again
   * @param {object|null} handing records the patients that are exported; null where nothing is recorded
   */
  constructor(show, handing = null) {
    Object.assign(this, { show, handing, patients: [], asked: new WeakMap(), next: 1, opened: false });
  }

  /** Draw the panel in a language. */
  draw(texts) {
    this.texts = texts;
    this.table = h("tbody");
    this.said = h("p.list-said", { role: "status", "aria-live": "polite" });
    this.password = h("input", { type: "password", id: "list-password", autocomplete: "off", minlength: SHORTEST_PASSWORD });
    this.file = h("input", { type: "file", id: "list-file", accept: "application/json,.json", onchange: () => this.import() });
    this.element = h("details.card.panel.todays-list", { open: this.opened, ontoggle: () => { this.opened = this.element.open; } },
      h("summary", {}, this.title = h("h3", { id: "list-title" })),
      h("div.panel-body", {},
        h("p.quiet", {}, texts.say("list.note")),
        h("p.buttons", {}, h("button.main", { type: "button", id: "list-add", onclick: () => this.add() }, texts.say("list.add"))),
        h("div.wide", { tabindex: "0", role: "region", "aria-labelledby": "list-title" }, h("table", {}, this.table)),
        canSeal() ? this.exporting() : h("p.quiet", {}, texts.say("list.no_crypto")), this.said));
    this.drawPatients();
    return this.element;
  }

  exporting() {
    const { texts } = this;
    return h("form.list-file", { onsubmit: (event) => event.preventDefault(), "aria-labelledby": "list-file-title" },
      h("h4", { id: "list-file-title" }, texts.say("list.file")),
      h("label", { for: "list-password" }, texts.say("list.password", { least: SHORTEST_PASSWORD })), this.password,
      h("button.quiet", { type: "button", id: "list-export", onclick: () => this.export() }, texts.say("list.export")),
      h("label", { for: "list-file" }, texts.say("list.import")), this.file);
  }

  /** Take the patient that is shown now. */
  update(answer, entries, request) {
    this.current = { answer, entries, request };
  }

  /** Forget the patient that is shown; the list stays. */
  withoutCurrent() {
    this.current = null;
  }

  add() {
    if (!this.current) return this.say("nothing");
    if (this.patients.length >= MOST) return this.say("full", { most: MOST });
    const { answer, entries, request } = this.current;
    const risks = arranged(answer).main.map(({ name, title, risk, interval: { low, high } }) => ({ name, title, risk, low, high }));
    this.patients.push({ number: this.next, at: new Date().toISOString(), version: answer.bundle.version, entries: structuredClone(entries), risks });
    this.asked.set(this.patients.at(-1), { answer, request });
    this.next += 1;
    this.drawPatients();
    return this.say("added", { number: this.next - 1 });
  }

  drawPatients() {
    const { texts } = this;
    fill(this.title, texts.say("list.title", { n: this.patients.length }));
    fill(this.table, this.patients.map((patient) => h("tr", {},
      h("th", { scope: "row" }, texts.say("list.patient", { number: patient.number }), " ", h("span.quiet", {}, texts.time(patient.at))),
      patient.risks.map((risk) => h("td", {}, outcomeName(risk, texts), " ", h("strong.number", {}, ofHundred(risk.risk, texts)), " ",
        h("span.quiet", {}, texts.say("states.interval", { range: range(risk.low, risk.high, texts) })))),
      h("td", {}, h("button.link", { type: "button", onclick: () => this.show(structuredClone(patient.entries)) }, texts.say("list.open")), " ",
        h("button.link", { type: "button", "aria-label": texts.say("list.remove", { number: patient.number }), onclick: () => this.remove(patient) }, "×")))));
  }

  remove(patient) {
    this.patients = this.patients.filter((each) => each !== patient);
    this.drawPatients();
    this.say("removed", { number: patient.number });
  }

  async export() {
    if (!this.patients.length) return this.say("empty");
    if (this.password.value.length < SHORTEST_PASSWORD) return this.say("short", { least: SHORTEST_PASSWORD });
    const problem = await this.recorded();
    if (problem) return fill(this.said, this.texts.say(problem));
    const text = await seal({ patients: this.patients }, this.password.value);
    this.password.value = "";
    const link = h("a", { href: URL.createObjectURL(new Blob([text], { type: "application/json" })), download: FILE });
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    return this.say("exported");
  }

  /** Record the patients of this tab, one after the other; those from a file were recorded when it was saved. */
  async recorded() {
    for (const patient of this.handing ? this.patients : []) {
      const { answer, request } = this.asked.get(patient) ?? {};
      const { problem } = answer ? await this.handing.recorded("risk", answer, request, "exported") : { problem: "" };
      if (problem) return problem === CHANGED ? "handing.changed_list" : problem;
    }
    return "";
  }

  async import() {
    const [file] = this.file.files;
    if (!file) return;
    const { data, problem } = await open(await file.text(), this.password.value);
    this.file.value = "";
    const patients = data?.patients;
    if (problem || !Array.isArray(patients) || !patients.every(isPatient)) this.say(problem || "not_a_list");
    else {
      this.password.value = "";
      const room = patients.slice(0, MOST - this.patients.length);
      this.patients.push(...room.map((patient, place) => ({ ...patient, number: this.next + place })));
      this.next += room.length;
      this.drawPatients();
      this.say("imported", { n: room.length });
    }
  }

  say(key, values = {}) {
    fill(this.said, this.texts.say(`list.${key}`, values));
  }
}

/** Whether something from a file is a patient of a list. */
function isPatient(found) {
  return typeof found?.at === "string" && typeof found.entries === "object" && found.entries !== null && Array.isArray(found.risks)
    && Object.values(found.entries).every((entry) => typeof entry?.text === "string" && typeof entry.unit === "string")
    && found.risks.every(({ name, risk, low, high }) => typeof name === "string" && [risk, low, high].every(Number.isFinite));
}
