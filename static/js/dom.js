/* What every module needs of the page: short look-ups of elements, the translated words, safe text. */

export const root = document.documentElement;
export const zh = (root.lang || "").startsWith("zh");
export const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
export const all = (selector, scope) => Array.from((scope || document).querySelectorAll(selector));
export const one = (selector, scope) => (scope || document).querySelector(selector);

/** Text as HTML, also inside a quoted attribute. */
export function escapeHtml(text) {
  const box = document.createElement("i");
  box.textContent = text == null ? "" : text;
  return box.innerHTML.replace(/"/g, "&quot;");
}

/** Click what the selector finds; whether there was anything. */
export function press(selector) {
  const element = one(selector);
  if (!element) return false;
  element.click();
  return true;
}
