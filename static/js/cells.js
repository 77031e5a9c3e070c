/* Cells of lists that are edited in place: the pencil, a double click or Enter brings the field's input,
   Escape leaves it as it was, saving puts the row anew. What is refused stays in the cell. */

import { all, one } from "./dom.js";
import { onEach } from "./prepare.js";
import { here, stay } from "./rows.js";

const before = new WeakMap(); // the cell → what stood in it
let saved = null; // the row and the field just sent

const cellOf = (element) => element?.closest?.("td[data-edit]");

const edits = (row) => JSON.parse(row.closest("[data-edits]").dataset.edits);

function pencil(css, label, tabbed) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: css, tabIndex: tabbed ? 0 : -1 });
  button.setAttribute("aria-label", label);
  return button;
}

/* A row whose record the reader may change gets its pencils: by keyboard one walks to them with the arrows. */
onEach("[data-edits] tr[data-row]", (row) => {
  const { cells, row: words } = edits(row);
  Object.entries(cells).forEach(([place, [name, label]]) => {
    const cell = row.cells[place];
    cell.dataset.edit = name;
    const value = document.createElement("span");
    value.className = "cell-value";
    value.append(...cell.childNodes);
    cell.append(value, pencil("pencil", label));
  });
  row.cells[0].append(pencil("row-pencil", words, true));
});

function open(cell) {
  if (one(".cell-form", cell)) return;
  const address = `${edits(cell).url}${cell.closest("tr").dataset.row}/${cell.dataset.edit}`;
  before.set(cell, [...cell.childNodes]);
  cell.setAttribute("hx-push-url", "false"); // the address stays the list's
  window.htmx.ajax("GET", address, { source: cell, target: cell });
}

function leave(cell) {
  all("select", cell).forEach((select) => select.tomselect?.destroy());
  cell.replaceChildren(...(before.get(cell) || []));
  one(".pencil", cell)?.focus();
}

function focusIn(cell) {
  const field = one("[name]:not([type=hidden], [data-na-toggle])", cell);
  if (!field) return;
  (field.tomselect || field).focus();
  if (field.select) field.select();
}

/** To the next or previous value of the row that can be changed; Enter on it opens its input. */
export function sideways(by) {
  const row = here();
  const pencils = row ? all(".pencil", row) : [];
  const at = pencils.indexOf(document.activeElement) + by;
  if (!pencils.length || at >= pencils.length) return false;
  (at < 0 ? one("a[href]", row) : pencils[at])?.focus();
  return true;
}

document.addEventListener("click", (event) => {
  const cell = cellOf(event.target);
  if (cell && event.target.closest(".pencil")) open(cell);
  else if (cell && event.target.closest("[data-cell-leave]")) leave(cell);
  else if (event.target.closest(".row-pencil")) event.target.closest("tr").classList.toggle("editing");
});

document.addEventListener("dblclick", (event) => {
  const cell = cellOf(event.target);
  if (!cell || !one(".pencil", cell) || event.target.closest("a")) return;
  stay();
  getSelection().removeAllRanges();
  open(cell);
});

/* Before the keys of every page: here Escape means the cell, and saving the one with the focus. */
document.addEventListener("keydown", (event) => {
  const form = event.target.closest?.(".cell-form");
  if (!form || event.isComposing || one(".dropdown-active", form)) return;
  const command = event.ctrlKey || event.metaKey;
  if (event.key === "Escape") leave(cellOf(form));
  else if (event.key === "Enter" ? command || event.target.matches("select") : command && event.key === "s") form.requestSubmit();
  else return;
  event.preventDefault();
  event.stopPropagation();
}, true);

document.addEventListener("htmx:beforeRequest", (event) => {
  const form = event.target.closest(".cell-form");
  saved = form ? { key: form.closest("tr").dataset.row, name: cellOf(form).dataset.edit, here: form.closest("tr").matches(".here"), editing: form.closest("tr").matches(".editing"), ticked: Boolean(one(".tick input:checked", form.closest("tr"))) } : null;
});

/* A conflict is shown at the cell like any refusal. */
document.addEventListener("htmx:beforeSwap", (event) => {
  if (!event.target.matches("td[data-edit]") || event.detail.xhr.status !== 409) return;
  event.detail.shouldSwap = true;
  event.detail.isError = false;
});

document.addEventListener("htmx:afterSettle", (event) => {
  const cell = cellOf(event.target);
  if (cell && one(".cell-form", cell)) return focusIn(cell);
  const row = saved && one(`tr[data-row="${saved.key}"]`);
  if (!row || event.target.id === "list") return;
  row.classList.toggle("here", saved.here);
  row.classList.toggle("editing", saved.editing);
  if (saved.ticked) one(".tick input", row)?.click();
  const done = one(`td[data-edit="${saved.name}"]`, row);
  done?.classList.add("cell-saved");
  one(".pencil", done || row)?.focus();
  saved = null;
});
