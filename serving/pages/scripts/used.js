// Which fields the model uses, and how: the form sets the others apart, options leave them out.

import { optionLabel } from "./wording.js";

export const UNUSED = "unused";

/**
 * The form with the fields that the model does not use in a group of their own, the last.
 * @param {object} form as GET /form describes it; without a model every field stays where it is
 */
export function separated(form) {
  const isUsed = (name) => form.fields[name].use !== UNUSED;
  const groups = form.groups.map((group) => ({ ...group, fields: group.fields.filter(isUsed) })).filter(({ fields }) => fields.length);
  const fields = form.groups.flatMap((group) => group.fields).filter((name) => !isUsed(name));
  return { ...form, groups: fields.length ? [...groups, { name: UNUSED, title: "used.title", lead: "used.lead", fields }] : groups };
}

/** What the model tells apart in a field, where it is less than every value; empty otherwise. */
export function howUsed(name, spec, texts) {
  if (spec.use === "interval" || spec.use === "name") return texts.say(`used.${spec.use}`);
  if (spec.use !== "groups") return "";
  return texts.say("used.groups", { groups: spec.value_groups.map((group) => groupLabel(name, spec, group, texts)).join("; ") });
}

/** A field as options ask for it: where only groups count, a choice of groups. */
export function askedByGroup(name, spec, texts) {
  if (spec.use !== "groups") return spec;
  const labels = Object.fromEntries(spec.value_groups.map((group) => [String(group.value), groupLabel(name, spec, group, texts)]));
  return { ...spec, use: "value", kind: spec.options.length ? "choice" : "grouped", options: Object.keys(labels), labels };
}

/** A group of values in words: "CNS1 / CNS2", "below 5 %", "given". */
export function groupLabel(name, spec, group, texts) {
  if (group.options.length) return group.options.map((option) => optionLabel(name, option, texts)).join(" / ");
  const { low, high, low_included: from, high_included: to } = group;
  const words = (key) => texts.say(`value_groups.${name}.${key}`, {}, texts.say(`value_groups.${key}`, {
    low: texts.number(low), high: texts.number(high), unit: texts.unit(spec.unit),
  })).trim();
  if (low === high) return words(low === 0 ? "none" : "one");
  if (high === spec.high) return words(from ? "from" : low === 0 ? "some" : "above");
  if (low === spec.low && from) return words(to ? "up_to" : "below");
  return words("between");
}
