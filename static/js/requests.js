/* Requests of htmx: the bar at the top while one waits, and what went wrong in plain words. */

import { root, words } from "./dom.js";
import { prepare } from "./prepare.js";
import { toast } from "./toasts.js";

let waiting = 0;

function busy(event, by) {
  if (event.target.closest("[data-quiet]")) return;
  waiting = Math.max(0, waiting + by);
  root.classList.toggle("is-loading", waiting > 0);
}

document.addEventListener("htmx:beforeRequest", (event) => busy(event, 1));
document.addEventListener("htmx:afterRequest", (event) => busy(event, -1));
document.addEventListener("htmx:sendError", () => toast(words.offline, "error"));
document.addEventListener("htmx:responseError", (event) => {
  const said = { 403: words.forbidden, 404: words.gone, 419: words.expired };
  toast(said[event.detail.xhr.status] || words.failed, "error");
});
document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
