// Every word on the pages comes from texts/<language>.json. A further language is one more file.

/** The languages that there are, by code, each named in itself; the service lists its files in the page. */
export function languages() {
  return JSON.parse(document.documentElement.dataset.languages);
}

/** Texts of one language, looked up by dotted keys: "outcomes.relapse.short". */
export class Texts {
  /**
   * @param {string} language
   * @param {object} entries nested texts
   */
  constructor(language, entries) {
    this.language = language;
    this.entries = entries;
  }

  /**
   * Look a text up and put values in its {places}.
   * @returns {string} the fallback, or the key itself where neither is known
   */
  say(key, values = {}, fallback = key) {
    const found = this.entry(key);
    const text = typeof found === "string" ? found : fallback;
    const words = text.replace(/\{(\w+)\}/g, (place, name) => (name in values ? String(values[name]) : place));
    return values.unit === "" ? words.replace(/ +(?=[ ,.;)]|$)/g, "") : words;
  }

  /** The entry under a key, of any kind; undefined where there is none. */
  entry(key) {
    return key.split(".").reduce((part, name) => (part === undefined ? undefined : part[name]), this.entries);
  }

  /** Whether there is a text under a key. */
  has(key) {
    return typeof this.entry(key) === "string";
  }

  /** Words for a count: {"one": ..., "few": ..., "many": ..., "other": ...} with {n} in them. */
  count(key, n) {
    const forms = this.entry(key);
    const form = new Intl.PluralRules(this.language).select(n);
    return this.say(`${key}.${form in forms ? form : "other"}`, { n: this.number(n) });
  }

  /**
   * A number as it is written in the language, with at most so many digits that count, but all of a whole number's;
   * as it may be typed, so without groups.
   */
  number(value, digits = 4) {
    const whole = Math.min(21, String(Math.trunc(Math.abs(value))).length);
    return new Intl.NumberFormat(this.language, { maximumSignificantDigits: Math.max(digits, whole), useGrouping: false }).format(value);
  }

  /** A date as it is written in the language; empty where there is none. */
  date(iso) {
    if (!iso) return "";
    const day = new Date(iso);
    // A day without a time is the same day everywhere; Date takes it for midnight in Greenwich.
    const timeZone = iso.includes("T") ? undefined : "UTC";
    return Number.isNaN(day.getTime()) ? "" : new Intl.DateTimeFormat(this.language, { dateStyle: "medium", timeZone }).format(day);
  }

  /** A date and time as they are written in the language. */
  moment(iso) {
    return [this.date(iso), this.time(iso)].filter(Boolean).join(", ");
  }

  /** The time of day of a date and time; empty where there is none. */
  time(iso) {
    const moment = new Date(iso || "");
    return Number.isNaN(moment.getTime()) ? "" : new Intl.DateTimeFormat(this.language, { timeStyle: "short" }).format(moment);
  }

  /** A unit as people write it: after a number in the form that the number needs, else in the form for many. */
  unit(name, n) {
    if (!name) return "";
    const key = `units.${name.replaceAll(".", "·")}`;
    const forms = this.entry(key);
    if (typeof forms !== "object") return this.say(key, {}, name);
    const form = Number.isFinite(n) ? new Intl.PluralRules(this.language).select(n) : "many";
    return forms[form] ?? forms.other;
  }
}

/** Load the texts of a language. */
export async function loadTexts(language) {
  const response = await fetch(`assets/${language}.json`);
  return new Texts(language, await response.json());
}

/** Choose the language: as asked before, else the first of the browser's that there is, else English. */
export function preferred(asked, browser, known) {
  const wanted = [asked, ...browser.map((name) => name.split("-")[0]), "en"];
  return wanted.find((name) => Object.hasOwn(known, name));
}
