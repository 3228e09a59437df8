// The clinician's page: a form on one side, the answer on the other, always of the same patient.

import { brief, drawAnswer } from "./answer.js";
import { Asker, askRisk, RETRY_MS } from "./asking.js";
import { fill, h } from "./dom.js";
import { EventFreeDay } from "./event_free.js";
import { PatientForm } from "./form.js";
import { openPage } from "./shell.js";
import { COPY_KEY } from "./takeaway.js";
import { WhatIf } from "./what_if.js";
import { fieldLabel } from "./wording.js";

const SPOKEN_AFTER_MS = 1000;
const places = Object.fromEntries(["answer", "trouble", "needed", "shown", "spoken", "groups", "brief"].map((id) => [id, document.getElementById(id)]));
const opened = new Set();
let texts, patientForm, whatIf, eventFree, last, speaking;
let unloaded = false;
let copy = () => {};

const asker = new Asker({ ask: askRisk, show, refused, gone });

const described = describe();

openPage(async (said) => {
  texts = said;
  if (unloaded) sayGone();
  if (!patientForm) begin(await described);
  patientForm.draw(texts);
  whatIf.draw(texts);
  eventFree.draw(texts);
  if (last) draw(last.answer, last.day);
  changed();
});

/** Load what the form is made of; a service that does not answer is asked again. */
async function describe() {
  for (;;) {
    try {
      const response = await fetch("form");
      if (response.ok) return await response.json();
    } catch {
      // No answer at all: the same as a wrong one.
    }
    unloaded = true;
    if (texts) sayGone();
    await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
  }
}

function begin(form) {
  patientForm = new PatientForm(form, places.groups, changed);
  whatIf = new WhatIf(form);
  eventFree = new EventFreeDay(form.event_free, changed);
  document.getElementById("example").addEventListener("click", () => start(form.example));
  document.getElementById("clear").addEventListener("click", () => start({}));
  document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== COPY_KEY || places.answer.dataset.state !== "shown" || places.shown.ariaBusy === "true") return;
    event.preventDefault();
    copy();
  });
}

/** Begin with another patient. */
function start(patient) {
  patientForm.put(patient);
  whatIf.clear();
  eventFree.clear();
  patientForm.draw(texts);
  whatIf.draw(texts);
  eventFree.draw(texts);
  changed();
}

function changed() {
  const { patient, problems, needed } = patientForm.read();
  patientForm.refuse([]);
  fill(places.trouble);
  if (needed.length || Object.keys(problems).length) wait(needed, Object.keys(problems));
  else {
    if (places.answer.dataset.state !== "shown") fill(places.needed);
    places.shown.setAttribute("aria-busy", "true");
    asker.send(eventFree.added(patient));
  }
}

/** Without a whole patient there is no answer, and none of an earlier one. */
function wait(needed, wrong) {
  asker.cancel();
  last = null;
  setState("waiting");
  places.shown.hidden = true;
  const count = (key, names) => names.length > 0 && [h("p", {}, texts.count(key, names.length)), h("ul.needed", {}, names.map(link))];
  fill(places.needed, h("div.card.empty", {}, h("h3", {}, texts.say("page.waiting")), count("page.needed", needed), count("page.wrong", wrong)));
}

function link(name) {
  const label = fieldLabel(name, patientForm.form.fields[name], texts);
  return h("li", {}, h("button.link", { type: "button", onclick: () => patientForm.focus(name) }, label));
}

function show(answer, request) {
  last = { answer, day: request[eventFree.field] ?? null };
  fill(places.trouble);
  fill(places.needed);
  draw(answer, last.day);
  whatIf.update(answer, eventFree.patientOf(request));
  setState("shown");
  performance.mark("answered");
}

function draw(answer, eventFreeDay) {
  const context = {
    texts, keepOpen, form: patientForm.form, entries: patientForm.typed(), focus: (name) => patientForm.focus(name), whatIf: whatIf.element,
    eventFree: eventFree.element, eventFreeDay,
  };
  const focused = document.activeElement;
  const drawn = drawAnswer(answer, context);
  copy = drawn.copy;
  fill(places.shown, drawn.elements);
  // What stays of an answer keeps the keyboard.
  if (focused !== document.activeElement && places.shown.contains(focused)) focused.focus({ preventScroll: true });
  fill(places.brief, brief(answer, texts));
  for (const place of [places.shown, places.brief]) place.toggleAttribute("data-outside", drawn.outside);
  places.shown.hidden = false;
  clearTimeout(speaking);
  speaking = setTimeout(() => fill(places.spoken, drawn.spoken), SPOKEN_AFTER_MS);
}

/** Keep what was unfolded unfolded when the answer is drawn anew. */
function keepOpen(name, details) {
  details.open = opened.has(name);
  details.addEventListener("toggle", () => (details.open ? opened.add(name) : opened.delete(name)));
  return details;
}

function refused(body) {
  last = null;
  setState("refused");
  places.shown.hidden = true;
  const elsewhere = patientForm.refuse(body.problems ?? []);
  const words = [texts.say("trouble.refused"), ...elsewhere, ...(body.problems?.length ? [] : [body.error])];
  fill(places.trouble, h("p.trouble", {}, words.filter(Boolean).join(" ")));
}

function gone() {
  last = null;
  setState("gone");
  places.shown.hidden = true;
  sayGone();
}

function sayGone() {
  fill(places.trouble, h("p.trouble", {}, texts.say("trouble.gone")));
}

function setState(state) {
  places.answer.dataset.state = state;
  places.brief.hidden = state !== "shown";
  places.shown.setAttribute("aria-busy", "false");
  if (state === "shown") return;
  clearTimeout(speaking);
  fill(places.spoken);
}
