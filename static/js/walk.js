/* The next and previous record of the list one came from (its rows as they were filtered and sorted). The
   list leaves its addresses in this tab's memory; a record that stands among them offers its neighbours. */

import { all, one } from "./dom.js";
import { onEach } from "./prepare.js";

const KEY = "dossier.walk";
const path = (address) => new URL(address, location.href).pathname;

/** What a list page holds: the records' addresses, and the pages before and after it. */
function walkOf(page, address) {
  const rows = all("#list [data-rows] tr[data-href]", page).map((row) => row.dataset.href);
  const beside = (rel) => one(`#list .pager a[rel=${rel}]`, page)?.getAttribute("href") || "";
  return rows.length ? { list: address, rows, next: beside("next"), prev: beside("prev") } : null;
}

function remember(walk) {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(walk));
  } catch {
    /* no memory in this browser: no neighbours are offered */
  }
}

function remembered() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY) || "null");
  } catch {
    return null;
  }
}

/* Leaving a list by one of its rows. */
addEventListener("pagehide", () => {
  const walk = walkOf(document, location.href);
  if (walk) remember(walk);
});

/** Over the edge of a page: read the neighbouring page of the list and go on there. */
async function turn(walk, by) {
  const address = by > 0 ? walk.next : walk.prev;
  const answer = await fetch(address, { credentials: "same-origin" });
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const turned = answer.ok && walkOf(page, new URL(address, location.href).href);
  if (!turned) return location.assign(walk.list);
  remember(turned);
  location.assign((by > 0 ? turned.rows[0] : turned.rows.at(-1)) + sameTab());
}

/** The part of the record one looks at stays open on the next. */
function sameTab() {
  const tab = new URLSearchParams(location.search).get("tab");
  return tab ? `?tab=${encodeURIComponent(tab)}` : "";
}

onEach("[data-walk]", (group) => {
  const walk = remembered();
  const at = walk ? walk.rows.findIndex((row) => path(row) === location.pathname) : -1;
  if (at < 0) return;
  [["[data-key-prev]", -1, walk.prev], ["[data-key-next]", 1, walk.next]].forEach(([selector, by, beyond]) => {
    const link = one(selector, group);
    const neighbour = walk.rows[at + by];
    if (!neighbour && !beyond) return link.classList.add("disabled"), link.setAttribute("role", "link"), link.setAttribute("aria-disabled", "true");
    link.href = neighbour ? neighbour + sameTab() : beyond;
    if (!neighbour) {
      link.addEventListener("click", (event) => {
        event.preventDefault();
        turn(walk, by);
      });
    }
  });
  group.hidden = false;
});
