// Model and data behind the answer: similar patients, cohort, constructs, estimand, version.

import { h } from "./dom.js";
import { protocols } from "./own_words.js";
import { panel } from "./panel.js";
import { fieldLabel, optionLabel } from "./wording.js";

/** What the answer rests on, each with its key: those that there are. */
export function behindRows(answer, texts) {
  return [
    ["behind.alike", alike(answer.alike, texts)],
    ["behind.cohort", cohort(answer.cohort, texts)],
    ["behind.estimand", texts.say(`server.estimands.${answer.estimand}`, {}, answer.estimand_means)],
  ].filter(([, words]) => words);
}

/** Draw the panel. */
export function behind(answer, context) {
  const { texts } = context;
  const rows = [
    ...behindRows(answer, texts),
    ["behind.constructs", constructs(answer.cohort, texts)],
    ["behind.model", model(answer, texts)],
  ].filter(([, words]) => words);
  return panel("behind", texts.say("behind.title"), context,
    h("dl", {}, rows.map(([key, words]) => [h("dt", {}, texts.say(key)), h("dd", {}, words)])),
    protocols(context),
    h("p", {}, h("a.card-link", { href: "model", target: "_blank", rel: "noopener" }, texts.say("behind.card"))));
}

/** "About 10 of 150 training infusions were in similar patients", and in what. */
export function alike(found, texts) {
  if (!found) return "";
  const group = (part) => texts.say(`server.profile.${part.field}.${part.code}`, {}, optionLabel(part.field, part.code, texts, part.group));
  const groups = found.by.map((part) => `${fieldLabel(part.field, part, texts)}: ${group(part)}`).join("; ");
  const key = found.fewer_than ? "behind.alike_few" : "behind.alike_words";
  return texts.say(key, { n: found.n, few: found.fewer_than, of: found.of, groups });
}

function cohort(found, texts) {
  if (!found?.trained) return texts.say("behind.no_cohort");
  const ages = found.age_low === null ? "" : ` ${texts.say("behind.ages", { low: texts.number(found.age_low), high: texts.number(found.age_high) })}`;
  const synthetic = found.synthetic ? ` ${texts.say("behind.synthetic")}` : "";
  return texts.say("behind.cohort_words", { infusions: texts.number(found.n_infusions), patients: texts.number(found.n_patients) }) + ages + synthetic;
}

function constructs(found, texts) {
  if (!found?.trained) return "";
  return Object.entries(found.options ?? {})
    .map(([field, counts]) => Object.entries(counts).filter(([, n]) => n > 0)
      .map(([option, n]) => `${optionLabel(field, option, texts)} ${n}`).join(", "))
    .filter(Boolean).join("; ");
}

/** Version, digest and date of the model that answered. */
export function model(answer, texts) {
  const { version, digest } = answer.bundle;
  const day = texts.date(answer.trained_at ?? "");
  return texts.say(day ? "behind.model_words" : "behind.model_undated", { version, digest: digest.slice(7, 19), day });
}
