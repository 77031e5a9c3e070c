/* Filters of lists and reports: quick periods, the choice of columns, an address free of blanks. */

import { all, one } from "./dom.js";

function quickPeriod(button) {
  const form = button.form || button.closest("form");
  const today = new Date((form.dataset.today || new Date().toISOString().slice(0, 10)) + "T00:00:00Z");
  const year = today.getUTCFullYear();
  const month = today.getUTCMonth();
  const quarter = Math.floor(month / 3) * 3;
  const day = (y, m, d) => new Date(Date.UTC(y, m, d)).toISOString().slice(0, 10);
  const span = {
    this_month: [day(year, month, 1), day(year, month + 1, 0)],
    last_month: [day(year, month - 1, 1), day(year, month, 0)],
    this_quarter: [day(year, quarter, 1), day(year, quarter + 3, 0)],
    last_quarter: [day(year, quarter - 3, 1), day(year, quarter, 0)],
    this_year: [day(year, 0, 1), day(year, 11, 31)],
    last_year: [day(year - 1, 0, 1), day(year - 1, 11, 31)],
    last_12: [day(year, month - 11, 1), day(year, month + 1, 0)],
    all: ["", ""],
  }[button.dataset.quick];
  if (!span) return;
  one("[data-period-from]", form).value = span[0];
  one("[data-period-to]", form).value = span[1];
  form.requestSubmit();
}

document.addEventListener("click", (event) => {
  const quick = event.target.closest("[data-quick]");
  if (quick) quickPeriod(quick);
});

/* The search box of a list asks while one types; its change event, which comes late on leaving
   the box, would only ask again and overtake the click that left it. */
document.addEventListener("change", (event) => event.target.id === "list-q" && event.stopPropagation(), true);

/* The boxes of the column choice write one value of the filter form, before htmx reads it. */
document.addEventListener("change", (event) => {
  const menu = event.target.closest("[data-columns]");
  if (menu) one("input[type=hidden]", menu).value = all("input[type=checkbox]:checked", menu).map((box) => box.value).join(",");
}, true);

document.addEventListener("htmx:configRequest", (event) => {
  if (!event.target.matches("[data-filters]")) return;
  const data = event.detail.formData;
  if (!data) return;
  Array.from(new Set(data.keys())).forEach((name) => {
    const values = data.getAll(name).filter((value) => value !== "");
    data.delete(name);
    values.forEach((value) => data.append(name, value));
  });
});

/* A choice that decides what the rest of the page asks for. */
document.addEventListener("change", (event) => event.target.matches("[data-submit-on-change]") && event.target.form.requestSubmit());

/* Another value needs another preview before it is given. */
document.addEventListener("change", (event) => {
  if (event.target.name !== "reason") one("[data-preview-seen]", event.target.form)?.remove();
});

/* What is exported, or kept as a view, is what is shown. */
document.addEventListener("submit", (event) => {
  if (event.target.matches("[data-list-query]")) one("input[name=query]", event.target).value = location.search.slice(1);
}, true);

/** The part of a list's address that a view keeps: no page, nothing empty, in one order. */
function plainQuery(search) {
  const given = Array.from(new URLSearchParams(search)).filter(([name, value]) => value && !["after", "before", "view"].includes(name));
  return String(new URLSearchParams(given.sort(([a, x], [b, y]) => (a === b ? (x < y ? -1 : 1) : a < b ? -1 : 1))));
}

/* Which view the list is now, after its filters changed; one may keep it where it is none. */
document.addEventListener("htmx:pushedIntoHistory", () => {
  const now = plainQuery(location.search);
  let known = !now;
  all("[data-view-query]").forEach((view) => {
    const same = plainQuery(view.dataset.viewQuery) === now;
    view.classList.toggle("view-on", same);
    known ||= same;
  });
  all("[data-view-of]").forEach((edit) => { edit.hidden = plainQuery(edit.dataset.viewOf) !== now; });
  all("[data-view-keep]").forEach((keep) => { keep.hidden = known; });
});

document.addEventListener("htmx:pushedIntoHistory", () =>
  all("[data-export]").forEach((link) => {
    const address = new URL(link.dataset.export, location.href);
    new URLSearchParams(location.search).forEach((value, name) => address.searchParams.has(name) || address.searchParams.append(name, value));
    link.href = address.pathname + address.search;
  }),
);
