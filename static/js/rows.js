/* Rows of lists: a click anywhere opens the record; the keyboard walks from row to row. */

import { all, one, press } from "./dom.js";

const SECOND_CLICK = 220; // milliseconds a click waits where a second one would edit the cell
let opening;

document.addEventListener("click", (event) => {
  const row = event.target.closest("tr[data-href]");
  if (!row || event.target.closest("a, button, input, label, select, summary, form, [data-copy]") || String(getSelection())) return;
  if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
  else if (!event.target.closest("td[data-edit]")) location.assign(row.dataset.href);
  else if (event.detail < 2) opening = setTimeout(() => location.assign(row.dataset.href), SECOND_CLICK);
});

/** The second click on a cell that can be edited means the cell, not the record. */
export function stay() {
  clearTimeout(opening);
}

/** The row one has walked to, or where the focus is. */
export const here = () => document.activeElement?.closest?.("[data-rows] tr[data-href]") || one("[data-rows] tr.here");

/** To the next or previous row; on a record one came to from a list, to the next or previous record. */
export function step(by) {
  const rows = all("[data-rows] tbody tr[data-href]");
  if (!rows.length || one("[data-walk]:not([hidden])")) return press(by > 0 ? "[data-key-next]" : "[data-key-prev]");
  const at = rows.indexOf(here());
  const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by))];
  leave();
  next.classList.add("here");
  next.style.scrollMarginTop = (one("thead", next.closest("table"))?.offsetHeight || 0) + "px";
  next.scrollIntoView({ block: "nearest" });
  one("a[href]", next)?.focus({ preventScroll: true }); // so that it is read out, and Enter opens it
  return true;
}

/** Open the row one has walked to. */
export function openHere() {
  const row = one("[data-rows] tr.here");
  if (row) location.assign(row.dataset.href);
  return Boolean(row);
}

/** No row is marked any more. */
export function leave() {
  all("tr.here").forEach((row) => row.classList.remove("here"));
}

/** The arrows belong to the rows on a page that is a list, unless something else has the focus. */
export function walkable() {
  const active = document.activeElement;
  return Boolean(one("#list [data-rows] tr[data-href]")) && (!active || active === document.body || active.matches("main, [data-rows] a, [data-list-top], .pencil, .tick input"));
}
