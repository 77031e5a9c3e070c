/* Ticked rows of a list: one, a range with Shift, all on the page; the bar says how many and leads on. */

import { all, one } from "./dom.js";
import { onEach } from "./prepare.js";
import { here } from "./rows.js";

const boxes = () => all("[data-rows] tbody .tick input");
let last = null; // the box ticked before, where a range begins

/* What the bar and the box of the heading say of the boxes. */
function tell() {
  const every = boxes();
  const ticked = every.filter((box) => box.checked).length;
  const whole = one("[data-tick-all]");
  if (whole) {
    whole.checked = ticked > 0 && ticked === every.length;
    whole.indeterminate = ticked > 0 && ticked < every.length;
  }
  every.forEach((box) => box.closest("tr").classList.toggle("ticked", box.checked));
  const go = one("[data-tick-go]");
  if (!go || !ticked) return;
  one("[data-tick-words]", go).textContent = ticked === 1 ? go.dataset.one : go.dataset.many.replace("{count}", ticked);
}

function range(from, to, checked) {
  const every = boxes();
  const [a, b] = [every.indexOf(from), every.indexOf(to)].sort((x, y) => x - y);
  if (a >= 0) every.slice(a, b + 1).forEach((box) => (box.checked = checked));
}

document.addEventListener("click", (event) => {
  const box = event.target.closest(".tick input");
  if (!box) return;
  if (box.matches("[data-tick-all]")) boxes().forEach((one) => (one.checked = box.checked));
  else if (event.shiftKey && last) range(last, box, box.checked);
  last = box.matches("[data-tick-all]") ? null : box;
  tell();
});

/* Shift-click would select the text between. */
document.addEventListener("mousedown", (event) => event.shiftKey && event.target.closest(".tick") && event.preventDefault());

document.addEventListener("reset", (event) => event.target.matches("#ticks") && setTimeout(tell));

/** Tick the row one has walked to, or take the tick away. */
export function tickHere() {
  const box = one(".tick input", here() || document.createElement("i"));
  if (box) box.click();
  return Boolean(box);
}

onEach("#ticks", tell); // also after going back: a browser keeps the boxes as they were
