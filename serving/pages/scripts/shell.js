// What every page has: its places in the chosen language, links to the other pages, language and theme.

import { fill, h } from "./dom.js";
import { loadOwnWords, ownBrand } from "./own_words.js";
import { languages, loadTexts, preferred } from "./texts.js";

const PAGES = { patient: "./", model: "model", about: "about" };
const THEMES = ["auto", "light", "dark"];
// The only things that are ever stored: how the page looks, nothing of a patient.
const STORED = { language: "language", theme: "theme" };

/**
 * Set a page up: theme, language, navigation.
 * @param {function(Texts): void} draw called with the texts, now and whenever the language changes
 */
export async function openPage(draw) {
  setTheme(remembered(STORED.theme) ?? "auto");
  const own = loadOwnWords();
  let wanted;
  const show = async (language) => {
    wanted = language;
    const texts = await loadTexts(language);
    // Overtaken by a later choice.
    if (wanted !== language) return;
    document.documentElement.lang = language;
    sayPlaces(texts);
    fill(document.getElementById("nav"), links(texts));
    fill(document.getElementById("preferences"), languageChoice(texts, show), themeChoice(texts));
    draw(texts, await own);
    fill(document.getElementById("own-brand"), ownBrand(await own, texts));
  };
  try {
    await show(preferred(remembered(STORED.language), navigator.languages, languages()));
  } catch {
    document.getElementById("unloaded").hidden = false;
  }
}

/** Put texts into the places of the page that name theirs; what the language lacks stays as the server said it. */
function sayPlaces(texts) {
  for (const place of document.querySelectorAll("[data-text]")) {
    place.dataset.said ??= place.textContent;
    place.textContent = texts.say(place.dataset.text, {}, place.dataset.said);
  }
  for (const place of document.querySelectorAll("[data-label]")) place.setAttribute("aria-label", texts.say(place.dataset.label));
  document.title = texts.say(`titles.${document.documentElement.dataset.page}`);
}

function links(texts) {
  const here = document.documentElement.dataset.page;
  return Object.entries(PAGES).map(([name, address]) =>
    h("a", { href: address, "aria-current": name === here ? "page" : null, ...beside(name, here) }, texts.say(`shell.${name}`)),
  );
}

/** Other pages open beside that of a patient: going there and back would lose what was entered. */
function beside(name, here) {
  return here === "patient" && name !== here ? { target: "_blank", rel: "noopener" } : {};
}

function languageChoice(texts, show) {
  const change = async (event) => {
    try {
      await show(event.target.value);
      remember(STORED.language, event.target.value);
    } catch {
      event.target.value = texts.language;
    }
    document.getElementById("language").focus();
  };
  const options = Object.entries(languages()).map(([name, title]) =>
    h("option", { value: name, lang: name, selected: name === texts.language }, title),
  );
  return choice("language", texts.say("shell.language"), change, options);
}

function themeChoice(texts) {
  const change = (event) => {
    remember(STORED.theme, event.target.value);
    setTheme(event.target.value);
  };
  const current = document.documentElement.dataset.theme;
  const options = THEMES.map((name) => h("option", { value: name, selected: name === current }, texts.say(`shell.themes.${name}`)));
  return choice("theme", texts.say("shell.theme"), change, options);
}

function choice(id, label, change, options) {
  return h("label.preference", { for: id }, h("span.unseen", {}, label), h("select", { id, onchange: change }, options));
}

function setTheme(theme) {
  document.documentElement.dataset.theme = THEMES.includes(theme) ? theme : "auto";
}

function remembered(key) {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}

function remember(key, value) {
  try {
    localStorage.setItem(key, value);
  } catch {
    // Storage may be forbidden; the choice then lasts as long as the page.
  }
}
