// The clinician's page: a form on one side, the answer on the other, always of the same patient.

import { brief, drawAnswer } from "./answer.js";
import { Asker, askRisk, loadForm, refusalText } from "./asking.js";
import { fill, h } from "./dom.js";
import { EventFreeDay } from "./event_free.js";
import { PatientForm } from "./form.js";
import { CHANGED, HandingOver } from "./handing_over.js";
import { rankedMissing } from "./narrowing.js";
import { Options } from "./options.js";
import { removable } from "./problems.js";
import { keepingKeyboard, PAUSE_MS, Renewal, replaceNotice } from "./renewal.js";
import { openPage } from "./shell.js";
import { silent } from "./silent.js";
import { COPY_KEY } from "./takeaway.js";
import { TodaysList } from "./todays_list.js";
import { fieldLabel, typedValue } from "./wording.js";

const SPOKEN_AFTER_MS = 1000;
const places = Object.fromEntries(["answer", "trouble", "needed", "shown", "spoken", "groups", "brief", "renewed"].map((id) => [id, document.getElementById(id)]));
const opened = new Set();
const handing = new HandingOver();
let texts, ownWords, patientForm, options, eventFree, list, last, speaking;
// Optional fields with a value that cannot be used: the answer is given without them, and says so.
let leftOut = [];
let unloaded = false;
let copy = () => {};

// A browser may keep the page as it was left, and show it again on going back: of the patient nothing may be there.
addEventListener("pageshow", ({ persisted }) => {
  if (persisted) location.reload();
});

const asker = new Asker({ ask: askRisk, show, refused, gone });

const describe = () => loadForm(() => {
  unloaded = true;
  if (texts) sayGone();
});

const renewal = new Renewal({ load: describe, renew });
const described = describe();

openPage(async (said, own) => {
  texts = said;
  ownWords = own;
  if (unloaded) sayGone();
  if (!patientForm) begin(await described);
  drawParts();
  if (last && !last.answer.shadow) draw(last.answer, last);
  changed();
});

function begin(form) {
  patientForm = new PatientForm(form, places.groups, changed);
  renewal.begin(form);
  options = new Options(form, () => setTimeout(changed, PAUSE_MS));
  eventFree = new EventFreeDay(form.event_free, changed);
  list = new TodaysList((entries) => start((newForm) => newForm.retype(entries)), form.record.kept ? handing : null);
  document.getElementById("example").addEventListener("click", () => start((newForm) => newForm.put(form.example)));
  document.getElementById("clear").addEventListener("click", () => start((newForm) => newForm.clear()));
  document.getElementById("form").addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("keydown", (event) => {
    if (event.key !== COPY_KEY || places.answer.dataset.state !== "shown" || places.shown.ariaBusy === "true") return;
    event.preventDefault();
    copy();
  });
}

/** Go on with the form of the version that answers now; what was entered stays. */
function renew(form) {
  patientForm.adopt(form);
  options.adopt(form);
  keepingKeyboard(drawParts);
  replaceNotice(form, texts);
  fill(places.renewed, texts.say("page.renewed", { version: form.bundle.version }));
  changed();
}

/** Begin with another patient. */
function start(put) {
  put(patientForm);
  fill(places.renewed);
  options.clear();
  eventFree.clear();
  drawParts();
  changed();
}

/** Draw what stays while answers come and go. */
function drawParts() {
  for (const part of [patientForm, options, eventFree, list]) part.draw(texts);
  fill(document.getElementById("list"), !patientForm.form.record.shadow && list.element);
}

function changed() {
  const { patient, problems, needed } = patientForm.read();
  patientForm.refuse([]);
  fill(places.trouble);
  const wrong = Object.keys(problems);
  const blocking = wrong.filter((name) => patientForm.isNeeded(name));
  leftOut = wrong.filter((name) => !blocking.includes(name));
  if (needed.length || blocking.length) wait(needed, blocking);
  else ask(eventFree.added(patient));
}

function ask(request) {
  if (places.answer.dataset.state !== "shown") fill(places.needed);
  places.shown.setAttribute("aria-busy", "true");
  asker.send(request);
}

/** Without a whole patient there is no answer, and none of an earlier one. */
function wait(needed, wrong) {
  asker.cancel();
  last = null;
  list.withoutCurrent();
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
  last = { answer, request, day: request[eventFree.field] ?? null, at: new Date().toISOString() };
  fill(places.trouble);
  fill(places.needed);
  if (answer.shadow) drawSilent();
  else {
    patientForm.narrow(rankedMissing(answer));
    draw(answer, last);
    list.update(answer, patientForm.typed(), request);
    options.update(eventFree.patientOf(request), enteredWords, answer.bundle);
  }
  setState("shown");
  renewal.seen(answer.bundle);
  performance.mark("answered");
}

/** In the silent phase of the site the risks are recorded and not shown. */
function drawSilent() {
  const { answer, request } = last;
  fill(places.shown, silent(texts, () => handing.recorded("risk", answer, request, "answer")));
  fill(places.brief);
  places.shown.hidden = false;
}

/** Record what leaves the page; after a new release the new risks are shown, and have to be read first. */
async function handOver(use) {
  const { answer, request } = last;
  const printed = use === "printed" ? options.recorded(handing, use) : { problem: "" };
  const [recorded, compared] = await Promise.all([handing.recorded("risk", answer, request, use), printed]);
  const problem = recorded.problem || compared.problem;
  if (problem === CHANGED && last?.answer === answer) {
    show(recorded.answer, request);
    fill(places.trouble, h("p.trouble", {}, texts.say(CHANGED)));
  }
  return { answer: recorded.answer, problem };
}

function draw(answer, { day, at }) {
  const context = {
    texts, keepOpen, ownWords, handOver: patientForm.form.record.kept ? handOver : null, form: patientForm.form, entries: usable(patientForm.typed()), leftOut, focus: (name) => patientForm.focus(name), options: options.element,
    eventFree: eventFree.element, eventFreeDay: day, at,
  };
  const focused = document.activeElement;
  const drawn = drawAnswer(answer, context);
  copy = drawn.copy;
  fill(places.shown, drawn.elements);
  // What stays of an answer keeps the keyboard.
  if (focused !== document.activeElement && places.shown.contains(focused)) focused.focus({ preventScroll: true });
  fill(places.brief, brief(answer, texts));
  for (const place of [places.shown, places.brief]) place.toggleAttribute("data-outside", drawn.outside);
  sayOutside(drawn.outside ? texts.say("scope.brief") : "");
  places.shown.hidden = false;
  clearTimeout(speaking);
  speaking = setTimeout(() => fill(places.spoken, drawn.spoken), SPOKEN_AFTER_MS);
}

/** Keep what was unfolded unfolded when the answer is drawn anew. */
function keepOpen(name, details) {
  details.open = opened.has(name);
  details.addEventListener("toggle", () => (details.open ? opened.add(name) : opened.delete(name)));
  // Whoever unfolds a part reads it next.
  details.querySelector("summary").addEventListener("click", () => requestAnimationFrame(() => { if (details.open) details.scrollIntoView({ block: "nearest" }); }));
  return details;
}

/** The value of a field as it was entered, with its unit. */
function enteredWords(name) {
  return typedValue(name, patientForm.form.fields[name], patientForm.typed()[name], texts);
}

/** Entries without those that were left out of the request. */
function usable(entries) {
  return Object.fromEntries(Object.entries(entries).filter(([name]) => !leftOut.includes(name)));
}

/** A refusal of optional values alone: they are left out, with what is wrong beside them, and the rest is asked. */
function refused(body, request, status) {
  const problems = (body.problems ?? []).map((problem) => ({ ...problem, beside: removable(problem, request, (name) => patientForm.isOptional(name)) }));
  const named = problems.map(({ beside }) => beside);
  if (named.length && named.every(Boolean)) {
    patientForm.refuse(problems);
    leftOut = [...new Set([...leftOut, ...named])];
    ask(Object.fromEntries(Object.entries(request).filter(([name]) => !named.includes(name))));
    return;
  }
  last = null;
  setState("refused");
  places.shown.hidden = true;
  const elsewhere = patientForm.refuse(body.problems ?? []);
  const unnamed = body.problems?.length || refusalText(status) !== "trouble.refused" ? [] : [body.error];
  const words = [texts.say(refusalText(status)), ...elsewhere, ...unnamed];
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

/** Beside the notice at the top, which stays in sight. */
function sayOutside(words) {
  const notice = document.querySelector("body > header .notice");
  if (notice) notice.dataset.outside = words;
}

function setState(state) {
  places.answer.dataset.state = state;
  places.brief.hidden = state !== "shown";
  places.shown.setAttribute("aria-busy", "false");
  if (state === "shown") return;
  sayOutside("");
  clearTimeout(speaking);
  fill(places.spoken);
}
