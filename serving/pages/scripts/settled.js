// The page moves under neither the pointer nor the keyboard: not between the press of a pointer and its click.

/**
 * Call a function after each move of the keyboard and each release of the pointer, never while it is pressed.
 * @param {function(): void} act
 * @returns {function(): boolean} whether the pointer is pressed
 */
export function whenSettled(act) {
  let pressed = false;
  const later = () => setTimeout(() => { if (!pressed) act(); });
  const release = () => { pressed = false; later(); };
  document.addEventListener("pointerdown", () => { pressed = true; }, true);
  for (const end of ["pointerup", "pointercancel", "keydown"]) document.addEventListener(end, release, true);
  // A list that opens may swallow the release; a text field says that it has changed while another one is pressed.
  document.addEventListener("change", ({ target }) => { if (target.tagName === "SELECT") release(); }, true);
  for (const move of ["focusin", "focusout"]) document.addEventListener(move, later, true);
  return () => pressed;
}

/** Show what a field means for as long as the keyboard is in it. */
export function explainFocused() {
  whenSettled(() => {
    const focused = document.activeElement?.closest(".field");
    for (const field of document.querySelectorAll(".field[data-explained]")) field.toggleAttribute("data-explained", field === focused);
    focused?.setAttribute("data-explained", "");
  });
}
