// The question for the time after the infusion: the day on which the patient is alive and event-free.

import { h } from "./dom.js";

const ID = "event-free-day";

/** The choice of a day. It stays while answers come and go; none is chosen for a new patient. */
export class EventFreeDay {
  /**
   * @param {{field: string, days: number[]}} offered as GET /form describes it
   * @param {function(): void} changed called after a choice
   */
  constructor({ field, days }, changed) {
    Object.assign(this, { field, days, changed });
    this.clear();
  }

  clear() {
    this.day = null;
  }

  /** The request of a patient, with the day that is asked. */
  added(patient) {
    return this.day === null ? patient : { ...patient, [this.field]: this.day };
  }

  /** The patient of a request, without the day. */
  patientOf(request) {
    return Object.fromEntries(Object.entries(request).filter(([name]) => name !== this.field));
  }

  /** Draw the choice in a language. */
  draw(texts) {
    const option = (day, words) => h("label.option", {},
      h("input", { type: "radio", name: ID, id: `${ID}-${day ?? "none"}`, checked: this.day === day, onchange: () => { this.day = day; this.changed(); } }),
      h("span", {}, words));
    this.element = h("fieldset.field.event-free", {}, h("legend", {}, texts.say("states.event_free.question")),
      h("div.options", {}, option(null, texts.say("states.event_free.none")),
        this.days.map((day) => option(day, texts.say("states.event_free.day", { day })))));
    return this.element;
  }
}
