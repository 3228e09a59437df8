// Files that only a password opens: AES-GCM with a key derived from it by PBKDF2. Browsers do this on encrypted pages
// and on this machine's own address alone.

export const FORMAT = "cart-outcomes-list-1";
// OWASP's recommendation of 2023 for PBKDF2 with SHA-256.
const ITERATIONS = 600_000;
// A file that asks for more would keep the page busy for minutes.
const MOST_ITERATIONS = 5_000_000;
export const SHORTEST_PASSWORD = 12;

/** Whether the browser can seal and open files on this page. */
export function canSeal() {
  return Boolean(globalThis.crypto?.subtle);
}

/**
 * Seal data with a password.
 * @param {*} data anything that JSON holds
 * @param {string} password
 * @returns {Promise<string>} text of the file
 */
export async function seal(data, password) {
  const salt = crypto.getRandomValues(new Uint8Array(16));
  const iv = crypto.getRandomValues(new Uint8Array(12));
  const key = await keyOf(password, salt, ITERATIONS);
  const plain = new TextEncoder().encode(JSON.stringify(data));
  const sealed = await crypto.subtle.encrypt({ name: "AES-GCM", iv }, key, plain);
  return JSON.stringify({ format: FORMAT, kdf: "PBKDF2-SHA256", iterations: ITERATIONS, salt: encoded(salt), iv: encoded(iv), data: encoded(new Uint8Array(sealed)) });
}

/**
 * Open a sealed file.
 * @param {string} text of the file
 * @param {string} password
 * @returns {Promise<{data: *, problem: string}>} `problem` is "not_a_list" or "wrong_password", empty where it opened
 */
export async function open(text, password) {
  const file = parsed(text);
  if (!file) return { data: null, problem: "not_a_list" };
  try {
    const key = await keyOf(password, decoded(file.salt), file.iterations);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: decoded(file.iv) }, key, decoded(file.data));
    return { data: JSON.parse(new TextDecoder().decode(plain)), problem: "" };
  } catch {
    return { data: null, problem: "wrong_password" };
  }
}

/** A file of the format, with all its parts; null for anything else. */
function parsed(text) {
  try {
    const file = JSON.parse(text);
    const whole = file.format === FORMAT && ["salt", "iv", "data"].every((part) => /^[A-Za-z0-9+/]+=*$/.test(file[part]));
    return whole && Number.isInteger(file.iterations) && file.iterations > 0 && file.iterations <= MOST_ITERATIONS ? file : null;
  } catch {
    return null;
  }
}

async function keyOf(password, salt, iterations) {
  const secret = await crypto.subtle.importKey("raw", new TextEncoder().encode(password), "PBKDF2", false, ["deriveKey"]);
  return crypto.subtle.deriveKey({ name: "PBKDF2", hash: "SHA-256", salt, iterations }, secret, { name: "AES-GCM", length: 256 }, false, ["encrypt", "decrypt"]);
}

function encoded(bytes) {
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}

function decoded(text) {
  return Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));
}
