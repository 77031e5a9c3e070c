/* The search box of every page: suggestions come by htmx, the arrows choose, Enter opens. */

import { all, one } from "./dom.js";
import { onEach } from "./prepare.js";

function suggestions(form) {
  const input = one("input", form);
  const list = one(".find-list", form);
  const open = (yes) => {
    list.hidden = !yes;
    input.setAttribute("aria-expanded", String(yes));
    if (!yes) input.removeAttribute("aria-activedescendant");
  };
  const choose = (by) => {
    const items = all("[role=option]", list);
    if (!items.length) return;
    const at = items.findIndex((item) => item.getAttribute("aria-selected") === "true");
    const next = items[(at + by + items.length + (at < 0 && by < 0 ? 1 : 0)) % items.length];
    items.forEach((item) => item.setAttribute("aria-selected", String(item === next)));
    next.id = next.id || "find-" + items.indexOf(next);
    input.setAttribute("aria-activedescendant", next.id);
    next.scrollIntoView({ block: "nearest" });
  };
  list.addEventListener("htmx:afterSwap", () => open(input.value.trim() !== "" && list.children.length > 0 && document.activeElement === input));
  input.addEventListener("input", () => input.value.trim() || open(false));
  input.addEventListener("focus", () => input.value.trim() && list.children.length && open(true));
  input.addEventListener("keydown", (event) => {
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      choose(event.key === "ArrowDown" ? 1 : -1);
    } else if (event.key === "Enter") {
      const chosen = one("[aria-selected=true]", list);
      if (chosen && !list.hidden) {
        event.preventDefault();
        location.assign(chosen.href);
      }
    } else if (event.key === "Escape") {
      if (list.hidden) input.blur();
      open(false);
    }
  });
  document.addEventListener("click", (event) => form.contains(event.target) || open(false));
  form.addEventListener("focusout", (event) => event.relatedTarget && !form.contains(event.relatedTarget) && open(false));
}

onEach("[data-find]", suggestions);
