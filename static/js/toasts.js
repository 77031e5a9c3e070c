/* Short notes at the corner: said by the server with the page, by a response header or by a script. */

import { one, words } from "./dom.js";
import { onEach, prepare } from "./prepare.js";

/** Show a note; level is info, success, warning or error. */
export function toast(text, level) {
  const box = one("#toasts");
  if (!box || !text) return;
  const note = document.createElement("div");
  note.className = "note note-" + (level || "info");
  note.dataset.note = "";
  note.innerHTML =
    '<span class="note-mark" aria-hidden="true"></span><div class="note-text"></div>' +
    '<button type="button" class="btn-close" data-note-close></button>';
  one(".note-text", note).textContent = text;
  one("button", note).setAttribute("aria-label", words.close || "");
  box.append(note);
  prepare(note);
}

function fade(note) {
  if (/note-(error|danger|warning)/.test(note.className)) return; // what went wrong stays until read
  let timer = setTimeout(() => note.remove(), 6000);
  note.addEventListener("mouseenter", () => clearTimeout(timer));
  note.addEventListener("mouseleave", () => (timer = setTimeout(() => note.remove(), 3000)));
}

onEach("[data-note]", fade);
document.addEventListener("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.level));
document.addEventListener("click", (event) => {
  if (event.target.closest("[data-note-close]")) event.target.closest("[data-note]").remove();
});
