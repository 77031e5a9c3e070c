/* Small controls of every page: colours, showing a password, copying a code. */

import { all, one, words } from "./dom.js";
import { toast } from "./toasts.js";

/** Which of the three choices of colours is in force. */
export function markTheme() {
  const wanted = window.dossierTheme?.choice();
  all("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === wanted)));
}

function peek(button) {
  const input = one("input", button.closest(".peek"));
  input.type = input.type === "password" ? "text" : "password";
  button.setAttribute("aria-pressed", String(input.type === "text"));
}

document.addEventListener("click", (event) => {
  const theme = event.target.closest("[data-theme-set]");
  const eye = event.target.closest("[data-peek]");
  const copy = event.target.closest("[data-copy]");
  if (theme) {
    window.dossierTheme.set(theme.dataset.themeSet);
    markTheme();
  } else if (eye) {
    peek(eye);
  } else if (copy && navigator.clipboard) {
    navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(words.copied, "success"), () => {});
  }
});
