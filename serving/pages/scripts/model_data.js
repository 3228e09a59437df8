// The cohort behind the model: how many, who they were, what was missing.

import { table, wide } from "./chart_parts.js";
import { h, svg } from "./dom.js";
import { share } from "./measured.js";
import { facts } from "./served.js";
import { fieldLabel, optionLabel } from "./wording.js";

const CONSTRUCT = ["target_antigen", "costimulatory_domain", "product", "cell_source"];
const SHOWN_MISSING = 9;

/** Fields by the share that is missing, most first; complete ones are left out. */
export function byMissing(missing) {
  return Object.entries(missing).filter(([, part]) => part > 0).sort((one, other) => other[1] - one[1]);
}

/** Options of a field with how many infusions had each, most first. */
export function byCount(counts) {
  return Object.entries(counts).sort((one, other) => other[1] - one[1]);
}

/**
 * What the model was made from.
 * @param {object} card
 * @param {object} form as GET /form describes it: names of fields
 * @param {import("./texts.js").Texts} texts
 */
export function dataParts(card, form, texts) {
  const { cohort } = card;
  const say = (key, values) => texts.say(`model.data.${key}`, values);
  if (!cohort.trained) return [h("p.warn", {}, say("none")), h("p", {}, say("none_means"))];
  return [
    cohort.synthetic && h("p.warn", {}, say("synthetic")),
    facts(
      [say("infusions"), texts.number(cohort.n_infusions)],
      [say("patients"), texts.number(cohort.n_patients)],
      [say("centers"), cohort.n_centers ? texts.number(cohort.n_centers) : say("centers_unknown")],
      [say("ages"), ages(cohort, texts)],
      [say("file"), h("code", {}, cohort.name)],
    ),
    h("h3", {}, say("construct")), h("p.note", {}, say("construct_note")), construct(cohort, form, texts), others(cohort, form, texts),
    h("h3", {}, say("missing")), missing(cohort, form, texts),
    covered(cohort, form, texts),
  ];
}

function ages(cohort, texts) {
  const found = cohort.ranges?.age_years;
  return found && texts.say("model.data.ages_are", { low: texts.number(found[0]), high: texts.number(found[1]) });
}

function construct(cohort, form, texts) {
  const known = counted(cohort, form).filter((name) => CONSTRUCT.includes(name));
  if (!known.length) return h("p", {}, texts.say("model.data.construct_unknown"));
  return options(CONSTRUCT.filter((name) => known.includes(name)), cohort, form, texts);
}

/** Every other choice, folded away. */
function others(cohort, form, texts) {
  const known = counted(cohort, form).filter((name) => !CONSTRUCT.includes(name));
  if (!known.length) return null;
  return h("details", {}, h("summary", {}, texts.say("model.data.options")), options(known, cohort, form, texts));
}

/** Fields of the form of which any option was recorded often enough to be shown. */
function counted(cohort, form) {
  const found = Object.entries(cohort.options ?? {}).filter(([name]) => name in form.fields);
  return found.filter(([, counts]) => Object.values(counts).some((n) => n > 0)).map(([name]) => name);
}

function options(names, cohort, form, texts) {
  return h("dl.options-seen", {}, names.map((name) => h("div", {},
    h("dt", {}, fieldLabel(name, form.fields[name], texts)),
    byCount(cohort.options[name]).map(([option, n]) =>
      h("dd", {}, h("span", {}, optionLabel(name, option, texts)), h("span.number", {}, howMany(n, texts)))),
    byCount(cohort.options[`${name}_name`] ?? {}).map(([own, n]) =>
      h("dd.own-name", {}, h("span", {}, own), h("span.number", {}, howMany(n, texts)))))));
}

/** Counts are rounded down to tens, so 0 means fewer than ten. */
function howMany(n, texts) {
  return n ? texts.number(n) : texts.say("model.data.under_ten");
}

function missing(cohort, form, texts) {
  const rows = byMissing(cohort.missing);
  if (!rows.length) return h("p", {}, texts.say("model.data.complete"));
  const list = (part) => h("ul.missing", {}, part.map(([name, blank]) => h("li", {},
    h("span", {}, fieldLabel(name, form.fields[name], texts)),
    h("span.number", {}, share(blank, texts)),
    svg("svg", { viewBox: "0 0 100 4", preserveAspectRatio: "none", "aria-hidden": "true" },
      svg("rect.track", { width: 100, height: 4 }), svg("rect.part", { width: 100 * blank, height: 4 })))));
  const rest = rows.slice(SHOWN_MISSING);
  return [
    h("p.note", {}, texts.say("model.data.missing_note")),
    list(rows.slice(0, SHOWN_MISSING)),
    rest.length > 0 && h("details", {}, h("summary", {}, texts.count("model.data.missing_more", rest.length)), list(rest)),
  ];
}

function covered(cohort, form, texts) {
  const known = Object.entries(cohort.ranges ?? {});
  if (!known.length) return null;
  const title = texts.say("model.data.covered");
  const rows = known.map(([name, [low, high]]) => [
    fieldLabel(name, form.fields[name], texts),
    texts.say("model.interval", { low: texts.number(low), high: texts.number(high) }),
    texts.unit(form.fields[name]?.unit),
  ]);
  const head = [texts.say("model.data.field"), texts.say("model.data.middle"), texts.say("model.data.unit")];
  return h("details", {}, h("summary", {}, title), h("p.note", {}, texts.say("model.data.covered_note")), wide(title, table(head, rows, title)));
}
