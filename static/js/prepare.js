/* Bringing parts of a page to life: a module names a selector and what to do with each element it
   finds, once; the same holds for parts that htmx or an added line bring in later. */

import { all } from "./dom.js";

const duties = [];
const done = new WeakMap();

/** Run `work` once on each element of the selector, now and whenever a new part arrives. */
export function onEach(selector, work) {
  duties.push({ selector, work });
}

/** Prepare a part of the page and all in it. */
export function prepare(scope) {
  duties.forEach((duty) => {
    const found = all(duty.selector, scope);
    if (scope.matches?.(duty.selector)) found.unshift(scope);
    found.forEach((element) => {
      const seen = done.get(element) || new Set();
      if (seen.has(duty)) return;
      done.set(element, seen.add(duty));
      duty.work(element);
    });
  });
}
