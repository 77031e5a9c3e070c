/* Keys of every page; the help dialog (screens/_keys.html) lists them, and `?` opens it. */

import { sideways } from "./cells.js";
import { all, one, press } from "./dom.js";
import { leave, openHere, step, walkable } from "./rows.js";
import { tickHere } from "./ticks.js";

const GO_WITHIN = 1200; // milliseconds between g and the second key
let goUntil = 0;

function help() {
  const dialog = one("#keys");
  if (dialog && !dialog.open) dialog.showModal();
  return Boolean(dialog);
}

function search() {
  const field = one("#find") || one("#list-q");
  if (field) field.focus(), field.select();
  return Boolean(field);
}

function typing(target) {
  return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
}

const shut = () => !one("dialog[open]") && !one(".modal.show");

/* With Ctrl or ⌘: also while typing, because they type nothing. */
function withCommand(event) {
  const key = event.key.toLowerCase();
  if (event.altKey || event.shiftKey || !shut()) return false;
  if (key === "s" || key === "enter") return press("[data-key-save]");
  return key === "k" && search();
}

const plain = {
  "/": search,
  "?": help,
  n: () => press("[data-key-new]") || press("[data-new]"),
  e: () => press("[data-key-edit]"),
  s: () => press("[data-key-save]"),
  j: () => step(1),
  k: () => step(-1),
  x: tickHere,
  ArrowRight: () => walkable() && sideways(1),
  ArrowLeft: () => walkable() && sideways(-1),
  ArrowDown: () => walkable() && step(1),
  ArrowUp: () => walkable() && step(-1),
};

function alone(event) {
  const { key, target } = event;
  if (Date.now() < goUntil) {
    goUntil = 0;
    return press('[data-go="' + CSS.escape(key) + '"]');
  }
  if (key === "g") {
    goUntil = Date.now() + GO_WITHIN;
    return false;
  }
  if (key === "Enter") return !target.closest("a, button, summary") && openHere();
  if (key === "Escape") {
    if (one("tr.here")) document.activeElement?.blur();
    leave();
    return false;
  }
  return Object.hasOwn(plain, key) && plain[key]();
}

document.addEventListener("keydown", (event) => {
  if (event.isComposing || event.defaultPrevented) return;
  if (event.ctrlKey || event.metaKey) {
    if (withCommand(event)) event.preventDefault();
    return;
  }
  if (event.altKey) return;
  if (typing(event.target)) {
    if (event.key === "Escape" && !event.target.closest(".ts-control, .find")) event.target.blur();
    return;
  }
  if (shut() && alone(event)) event.preventDefault();
});

document.addEventListener("click", (event) => {
  if (event.target.closest("[data-help]")) help();
  else if (event.target.matches("dialog.sheet")) event.target.close(); // beside the sheet
});
