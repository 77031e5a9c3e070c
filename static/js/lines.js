/* Lines of an order: sums while one types, new lines by Enter, removal, moving by the arrows. */

import { decimal, divideHalfUp, roundTo, show, times, UNIT } from "./decimals.js";
import { all, one } from "./dom.js";
import { touch } from "./forms.js";
import { onEach, prepare } from "./prepare.js";

function lineInput(line, name) {
  return one('[data-col="' + name + '"] input:not([type="hidden"])', line);
}

/* Decimals of the form's currency: "JPY:0,KWD:3" names those that have not two. */
function lineDigits(table) {
  const currency = table.closest("form")?.elements.currency;
  if (!currency || !table.dataset.digitsOf) return Number(table.dataset.digits || 2);
  const found = table.dataset.digitsOf.split(",").find((pair) => pair.startsWith(currency.value + ":"));
  return found ? Number(found.split(":")[1]) : 2;
}

/* How a discount is written differs between firms: what is left (0.8), the share taken off, or per cent. */
function discountFactor(table, discount) {
  if (discount === null) return UNIT;
  if (table.dataset.discount === "factor") return discount;
  return UNIT - (table.dataset.discount === "share" ? discount : discount / 100n);
}

/* Amount and cost of one line: what is typed, else what its figures give, shown as the placeholder. */
function lineFigures(table, line, digits) {
  const value = (name) => decimal(lineInput(line, name)?.value);
  const quantity = value("quantity");
  const price = value("price");
  const amountInput = lineInput(line, "amount");
  let amount = value("amount");
  if (quantity !== null && price !== null) {
    const computed = roundTo(divideHalfUp(quantity * price * discountFactor(table, value("discount")), UNIT * UNIT), digits);
    if (amountInput) amountInput.placeholder = show(computed, digits);
    if (amount === null) amount = computed;
  } else if (amountInput) {
    amountInput.placeholder = "";
  }
  const costInput = lineInput(line, "cost");
  const unitCost = costInput ? decimal(line.dataset.unitCost) : value("unit_cost");
  const proposed = unitCost !== null && quantity !== null ? roundTo(times(quantity, unitCost), digits) : null;
  if (costInput) costInput.placeholder = proposed === null ? "" : show(proposed, digits);
  return { quantity, amount, cost: value("cost") ?? proposed, other: value("other_cost") || 0n };
}

function sumLines(table) {
  const digits = lineDigits(table);
  const sums = { quantity: 0n, amount: 0n, cost: 0n, profit: 0n };
  let costKnown = false;
  all("[data-line]", table).forEach((line) => {
    if (line.hidden) return;
    const { quantity, amount, cost, other } = lineFigures(table, line, digits);
    if (quantity !== null) sums.quantity += quantity;
    if (amount !== null) sums.amount += amount;
    if (cost !== null && amount !== null) {
      costKnown = true;
      sums.cost += cost + other;
      sums.profit += amount - cost - other;
    }
  });
  const put = (name, text) => {
    const place = one('[data-sum="' + name + '"]', table);
    if (place) place.textContent = text;
  };
  put("quantity", show(sums.quantity, 0));
  put("amount", show(sums.amount, digits));
  put("cost", costKnown ? show(sums.cost, digits) : "—");
  put("profit", costKnown ? show(sums.profit, digits) : "—");
}

function addLine(table) {
  const template = one("[data-line-template]", table.closest("fieldset"));
  const total = one('[name="' + table.dataset.prefix + '-TOTAL_FORMS"]', table.closest("form"));
  const number = Number(total.value);
  const line = document.createElement("tbody");
  line.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number));
  const row = line.firstElementChild;
  one("tbody", table).append(row);
  total.value = String(number + 1);
  prepare(row);
  return row;
}

function removeLine(table, line) {
  const mark = one('input[name$="-DELETE"]', line);
  if (mark) mark.checked = true;
  line.hidden = true;
  sumLines(table);
  touch(table.closest("form"));
}

function lineFields(line) {
  return all("td[data-col]", line)
    .map((cell) => one(".ts-control input, input:not([type='hidden']):not(.tomselected), select:not(.tomselected), textarea", cell))
    .filter((field) => field && !field.disabled && !field.readOnly);
}

function focusIn(line, index) {
  const fields = lineFields(line);
  const field = fields[Math.min(index, fields.length - 1)];
  if (!field) return;
  field.focus();
  if (field.select) field.select();
}

function moveByKey(table, event) {
  const line = event.target.closest("[data-line]");
  if (!line || event.isComposing || event.target.closest(".dropdown-active")) return;
  const fields = lineFields(line);
  const index = fields.indexOf(event.target);
  if (index < 0) return;
  const lines = all("[data-line]", table).filter((row) => !row.hidden);
  const at = lines.indexOf(line);
  if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
    event.preventDefault();
    if (index < fields.length - 1) focusIn(line, index + 1);
    else focusIn(lines[at + 1] || addLine(table), 0);
  } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("input[type='text'], input:not([type])") && !event.target.closest(".ts-control")) {
    const other = lines[at + (event.key === "ArrowDown" ? 1 : -1)];
    if (other) {
      event.preventDefault();
      focusIn(other, index);
    }
  }
}

function editLines(table) {
  table.addEventListener("input", (event) => {
    const column = event.target.closest("[data-col]")?.dataset.col;
    const amount = lineInput(event.target.closest("[data-line]"), "amount");
    if (amount && event.isTrusted) {
      // a recorded amount belongs to its figures: other figures, computed anew, unless it is typed
      if (column === "amount") amount.dataset.typed = "1";
      else if (["quantity", "price", "discount"].includes(column) && !amount.dataset.typed) amount.value = "";
    }
    sumLines(table);
  });
  table.closest("form")?.elements.currency?.addEventListener("change", () => sumLines(table));
  table.addEventListener("change", () => sumLines(table));
  table.addEventListener("line:filled", () => sumLines(table));
  table.addEventListener("click", (event) => {
    if (event.target.closest("[data-line-add]")) focusIn(addLine(table), 0);
    else if (event.target.closest("[data-line-remove]")) removeLine(table, event.target.closest("[data-line]"));
  });
  table.addEventListener("keydown", (event) => moveByKey(table, event));
  sumLines(table);
}

onEach("[data-lines]", editLines);
