// Text on the clipboard, at once or as soon as it is known; where the browser keeps the clipboard to encrypted
// pages, by way of the selection.

/** Copy the text of a box; say whether it was copied. */
export async function copied(line) {
  try {
    await navigator.clipboard.writeText(line.value);
    return true;
  } catch {
    return selected(line);
  }
}

/**
 * Copy a text that comes later. The browser is asked in the press of the button: afterwards it may refuse.
 * @param {Promise<string>} words rejected where nothing may be copied
 * @param {HTMLTextAreaElement} line shows the text
 * @returns {Promise<boolean>} whether it was copied
 */
export async function copiedLater(words, line) {
  const shown = words.then((text) => { line.value = text; });
  try {
    await navigator.clipboard.write([later(words)]);
    return true;
  } catch {
    return shown.then(() => copied(line), () => false);
  }
}

function later(words) {
  const text = words.then((said) => new Blob([said], { type: "text/plain" }));
  // The browser reports it by `write`.
  text.catch(() => {});
  return new ClipboardItem({ "text/plain": text });
}

function selected(line) {
  const focused = document.activeElement;
  const fold = line.closest("details");
  const { open } = fold;
  // What is folded cannot be selected.
  fold.open = true;
  line.select();
  const done = document.execCommand("copy");
  fold.open = open;
  focused?.focus();
  return done;
}
