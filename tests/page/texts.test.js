// Words by key: places, fallbacks, plurals, numbers, dates, and which language is chosen.

import assert from "node:assert/strict";
import { test } from "node:test";

import { preferred, Texts } from "../../serving/pages/scripts/texts.js";
import { textsOf } from "./answer.js";

const SMALL = new Texts("en", { a: { b: "{x} and {y}", n: { one: "{n} field", other: "{n} fields" } }, units: { "10^9/L": "×10⁹/L" } });

function leaves(part, path = []) {
  if (typeof part === "string") return [path.join(".")];
  return Object.entries(part).flatMap(([name, inner]) => leaves(inner, [...path, name]));
}

/** Keys without the forms of counting, of which languages have different ones. */
function keysOf(texts) {
  return new Set(leaves(texts.entries).map((key) => key.replace(/\.(one|few|many|other)$/, ".(count)")));
}

test("values are put in their places, once or more often", () => {
  assert.equal(SMALL.say("a.b", { x: 1, y: "two" }), "1 and two");
});

test("a place without a value stays as it is", () => {
  assert.equal(SMALL.say("a.b", { x: 0 }), "0 and {y}");
});

test("what is put in a place is not looked at again", () => {
  assert.equal(SMALL.say("a.b", { x: "{y}", y: 2 }), "{y} and 2");
});

test("a key without a text gives the fallback, or itself", () => {
  assert.equal(SMALL.say("a.c.d", {}, "as the service says"), "as the service says");
  assert.equal(SMALL.say("a.c.d"), "a.c.d");
  assert.equal(SMALL.say("a"), "a");
});

test("names that every object has are no texts", () => {
  assert.equal(SMALL.say("a.constructor", {}, "none"), "none");
  assert.equal(SMALL.has("a.toString"), false);
});

test("English counts in two forms", () => {
  assert.deepEqual([0, 1, 2, 21].map((n) => SMALL.count("a.n", n)), ["0 fields", "1 field", "2 fields", "21 fields"]);
});

test("Russian counts in three forms", () => {
  const counted = [1, 2, 5, 11, 21, 22, 112].map((n) => textsOf("ru").count("reasons.sources", n));
  assert.deepEqual(counted, ["1 источник", "2 источника", "5 источников", "11 источников", "21 источник", "22 источника", "112 источников"]);
});

test("a number is written as in its language", () => {
  assert.equal(SMALL.number(0.125), "0.125");
  assert.equal(textsOf("ru").number(0.125), "0,125");
  assert.equal(SMALL.number(4.42123), "4.421");
});

test("no two options of a field, nor an option and a blank, have the same label", () => {
  for (const texts of [textsOf("en"), textsOf("ru")]) {
    for (const [field, options] of Object.entries(texts.entry("options"))) {
      const labels = [texts.say("form.unknown"), ...Object.values(options)];
      assert.equal(new Set(labels).size, labels.length, `${field}: ${labels}`);
    }
  }
});

test("a date that is not known is blank", () => {
  assert.deepEqual([undefined, null, ""].flatMap((iso) => [SMALL.date(iso), SMALL.time(iso), SMALL.moment(iso)]), Array(9).fill(""));
});

test("a day is that day in every time zone", () => {
  const zone = process.env.TZ;
  for (const place of ["America/Los_Angeles", "UTC", "Asia/Vladivostok"]) {
    process.env.TZ = place;
    assert.equal(SMALL.date("2025-01-01"), "Jan 1, 2025", place);
  }
  if (zone === undefined) delete process.env.TZ;
  else process.env.TZ = zone;
});

test("what is no day is empty", () => {
  assert.equal(SMALL.date(""), "");
});

test("a unit is written as people write it, else as the schema has it", () => {
  assert.equal(SMALL.unit("10^9/L"), "×10⁹/L");
  assert.equal(SMALL.unit("kg"), "kg");
  assert.equal(SMALL.unit(""), "");
});

test("a unit after a number has the form that the number needs, else the form for many", () => {
  const russian = textsOf("ru");
  assert.deepEqual([31, 32, 35, 31.5, NaN, undefined].map((n) => russian.unit("years", n)), ["год", "года", "лет", "года", "лет", "лет"]);
  assert.equal(russian.unit("kg", 2), "кг");
  assert.equal(textsOf("en").unit("years", 1), "years");
});

test("the language that was asked for comes first, then the browser's, then English", () => {
  const known = { en: "English", ru: "Русский" };
  assert.equal(preferred("ru", ["en-GB"], known), "ru");
  assert.equal(preferred(null, ["de-DE", "ru-RU", "en"], known), "ru");
  assert.equal(preferred(null, ["de-DE"], known), "en");
  assert.equal(preferred(null, ["de-DE"], { ...known, de: "Deutsch" }), "de");
  assert.equal(preferred("xx", [], known), "en");
  assert.equal(preferred("toString", [], known), "en");
});

for (const language of ["en", "ru"]) {
  test(`${language} has every form that it counts in`, () => {
    const texts = textsOf(language);
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    const counted = leaves(texts.entries).filter((key) => key.endsWith(".other") && texts.has(key.replace(/other$/, "one")));
    assert.ok(counted.length > 3);
    for (const key of counted) for (const form of forms) assert.ok(texts.has(key.replace(/other$/, form)), `${key}: ${form}`);
  });
}

test("a Russian text has the places of the English one", () => {
  const english = textsOf("en");
  const russian = textsOf("ru");
  const places = (text) => new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name));
  for (const key of leaves(english.entries).filter((name) => russian.has(name) && !/\.one$/.test(name))) {
    assert.deepEqual(places(russian.say(key)), places(english.say(key)), key);
  }
});

test("what is said in English is said in Russian, unless it is a name or the service's own title", () => {
  const russian = keysOf(textsOf("ru"));
  const lacking = [...keysOf(textsOf("en"))].filter((key) => !russian.has(key));
  assert.deepEqual(lacking, []);
});
