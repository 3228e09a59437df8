// Subgroups: metrics by age, sex, construct and center, and the fields by which none are reported.

import { table, wide } from "./chart_parts.js";
import { h } from "./dom.js";
import { intervalText, ordered, valueText } from "./measured.js";
import { figureName } from "./model_figures.js";
import { served } from "./served.js";
import { fieldLabel } from "./wording.js";

/** By what patients are grouped, whether or not any group is large enough. */
export const GROUPED = ["age_years", "sex", "target_antigen", "costimulatory_domain", "center"];

/** Fields by which metrics are reported, in the order of the page, and those by which none are. */
export function reportedFields(bySubgroup) {
  const known = Object.keys(bySubgroup);
  return {
    reported: [...GROUPED.filter((name) => known.includes(name)), ...known.filter((name) => !GROUPED.includes(name))],
    lacking: GROUPED.filter((name) => !known.includes(name)),
  };
}

/**
 * Figures of each group of patients, out of fold.
 * @param {Object<string, Object<string, {n_infusions: number, n_events: number, metrics: object}>>} bySubgroup
 * @param {object} form as GET /form describes it: names of fields
 * @param {import("./texts.js").Texts} texts
 */
export function groups(bySubgroup, form, texts) {
  const say = (key, values) => texts.say(`model.groups.${key}`, values);
  const { reported, lacking } = reportedFields(bySubgroup);
  const missing = lacking.map((name) => label(name, form, texts)).join(", ");
  return h("div.groups", {}, h("h4", {}, say("title")),
    reported.length > 0 && [h("p.note", {}, say("note")), metricsByGroup(reported, bySubgroup, form, texts), h("p.note", {}, say("many"))],
    lacking.length > 0 && h("p.note", {}, say("lacking", { fields: missing }), " ", say("why")));
}

function metricsByGroup(reported, bySubgroup, form, texts) {
  const say = (key) => texts.say(`model.groups.${key}`);
  const found = reported.flatMap((field) => Object.entries(bySubgroup[field]).map(([group, result]) => ({ field, group, result })));
  const names = ordered([...new Set(found.flatMap(({ result }) => Object.keys(result.metrics)))]);
  const rows = found.map(({ field, group, result }) => [
    h("span", {}, h("span.note", {}, label(field, form, texts)), groupName(field, group, result.title, texts)),
    texts.number(result.n_infusions), texts.number(result.n_events),
    ...names.map((name) => figure(name, result.metrics[name], texts)),
  ]);
  const head = [say("group"), say("infusions"), say("events"), ...names.map((name) => figureName(name, texts))];
  return wide(say("title"), table(head, rows, say("title")));
}

function label(field, form, texts) {
  return field === "center" ? texts.say("model.centers.which") : fieldLabel(field, form?.fields[field], texts);
}

/** Name of a group: an option, a number of a center, or what the service calls it. */
function groupName(field, group, title, texts) {
  if (field === "center") return texts.say("model.centers.center", { n: group });
  const option = `options.${field}.${group}`;
  return texts.has(option) ? texts.say(option) : served(`server.profile.${field}.${group}`, title || group, texts);
}

/** A figure over its interval; where a group is too small for one, that it could not be computed. */
function figure(name, measured, texts) {
  const value = valueText(name, measured?.value, texts);
  if (value === "–") return h("span.note", {}, texts.say("model.groups.none"));
  const interval = intervalText(name, measured, texts);
  return h("span", {}, value, h("span.note", {}, interval === "–" ? texts.say("model.groups.no_interval") : interval));
}
