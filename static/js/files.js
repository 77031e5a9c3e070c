/* Files dropped on a page or chosen: what is no table or too large is said before it is sent. */

import { one, words } from "./dom.js";
import { toast } from "./toasts.js";

function size(bytes) {
  return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
}

function showFile(input) {
  const zone = input.closest("[data-drop]");
  const name = one("[data-drop-name]", zone);
  const files = [...input.files];
  if (name.dataset.empty === undefined) name.dataset.empty = name.textContent;
  let refusal = "";
  if (files.some((file) => !/\.(xlsx|xls|csv|gz|txt|tsv|toml)$/i.test(file.name))) refusal = words.fileKind;
  else if (input.dataset.maxBytes && files.some((file) => file.size > Number(input.dataset.maxBytes))) refusal = words.fileTooLarge;
  if (refusal) {
    toast(refusal, "error");
    input.value = "";
  }
  const good = files.length > 0 && !refusal;
  name.textContent = good ? files.map((file) => file.name + " · " + size(file.size)).join(", ") : name.dataset.empty;
  zone.classList.toggle("full", Boolean(good));
}

document.addEventListener("change", (event) => event.target.matches("[data-drop] input[type=file]") && showFile(event.target));

["dragover", "dragleave", "drop"].forEach((kind) =>
  document.addEventListener(kind, (event) => {
    const zone = event.target.closest?.("[data-drop]");
    if (!zone) return;
    event.preventDefault();
    zone.classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files.length) {
      const input = one("input[type=file]", zone);
      input.files = event.dataTransfer.files;
      input.dispatchEvent(new Event("change", { bubbles: true }));
    }
  }),
);
