/* Forms: unsaved changes are not lost by leaving, nothing is sent twice, a conflict's choice fills its
   field, "not applicable" greys its field, an error leads to its field. */

import { all, one, words } from "./dom.js";

let dirty = null;

/** The form has changes that are not saved. */
export function touch(form) {
  if (!form?.matches("[data-guard]")) return;
  dirty = form;
  const text = one("[data-dirty-text]", form);
  if (text) text.hidden = false;
}

/** What a refused form holds, or one kept to be sent again, is not saved either. */
export function touchRefused() {
  const form = one("form[data-guard]");
  if (form && one(".error-list, .conflict, [data-unsaved]")) touch(form);
}

/** A new record begins with the cursor in the first field it needs; on a phone the keyboard waits for a tap. */
export function beginForm() {
  const form = one("form[data-begin]");
  if (!form || document.activeElement !== document.body || !matchMedia("(pointer: fine)").matches) return;
  const blank = all("input:not([type=hidden]), select, textarea", form)
    .filter((control) => control.name && !control.value && !control.disabled && !control.readOnly);
  const field = blank.find((control) => control.closest(".field")?.querySelector(".must")) || blank.find((control) => control.closest("[data-line]"));
  if (field?.tomselect) focusClosed(field.tomselect);
  else field?.focus();
}

/* The cursor in a look-up whose list stays closed until a key or a press asks for it. */
function focusClosed(box) {
  const { openOnFocus, preload } = box.settings;
  Object.assign(box.settings, { openOnFocus: false, preload: false });
  const wake = () => {
    if (preload) box.preload();
    ["keydown", "pointerdown"].forEach((kind) => box.control.removeEventListener(kind, wake, true));
  };
  ["keydown", "pointerdown"].forEach((kind) => box.control.addEventListener(kind, wake, true));
  box.control_input.focus();
  Object.assign(box.settings, { openOnFocus, preload });
}

function setValue(field, value) {
  if (!field) return;
  if (field.multiple && field.tomselect) {
    field.tomselect.setValue(value ? value.split(" ") : [], true);
  } else if (field.tomselect) {
    if (value && !field.tomselect.options[value]) field.tomselect.addOption({ value, name: value, text: value });
    field.tomselect.setValue(value || "", true);
  } else if (field.type === "checkbox") {
    field.checked = value === "1" || value === "True" || value === "true";
  } else {
    field.value = value || "";
  }
}

/** The tick takes the value away, and gives it back when it is taken away itself. */
function answerNone(tick) {
  const field = tick.closest("[data-na]");
  const control = one("[name]:not([data-na-toggle])", field);
  field.classList.toggle("is-na", tick.checked);
  if (tick.checked) field.dataset.was = control.value;
  setValue(control, tick.checked ? "" : field.dataset.was);
}

/** A value given takes the tick away. */
function answerValue(control) {
  const field = control.name && control.value && control.closest(".is-na[data-na]");
  if (!field) return;
  one("[data-na-toggle]", field).checked = false;
  field.classList.remove("is-na");
}

/** Whoever types into a field of a conflict has chosen what is typed. */
function chooseTyped(control) {
  const mine = control.form && control.name && one('[name="choose_' + CSS.escape(control.name.replace(/^na_/, "")) + '"][value="mine"]', control.form);
  if (!mine) return;
  mine.checked = true;
  if (control.matches("[data-na-toggle]")) mine.toggleAttribute("data-none", control.checked);
  else if (control.type === "checkbox") mine.dataset.value = control.checked ? "1" : "";
  else mine.dataset.value = control.multiple ? [...control.selectedOptions].map((option) => option.value).join(" ") : control.value;
}

document.addEventListener("input", (event) => {
  touch(event.target.form);
  chooseTyped(event.target);
});
document.addEventListener("change", (event) => {
  const target = event.target;
  if (target.isTrusted !== false) touch(target.form);
  if (!target.matches("[data-na-toggle]")) answerValue(target);
  if (target.matches("[data-na-toggle]")) {
    answerNone(target);
  } else if (target.name?.startsWith("choose_")) {
    const control = target.form.elements[target.name.slice(7)];
    setValue(control, target.dataset.value);
    const field = control?.closest("[data-na]");
    if (field) {
      one("[data-na-toggle]", field).checked = "none" in target.dataset;
      field.classList.toggle("is-na", "none" in target.dataset);
    }
  } else if (target.matches("[data-submit]")) {
    target.form.requestSubmit();
  } else if (target.matches("[data-only]")) {
    all(target.dataset.only).forEach((item) => (item.hidden = target.value !== "" && item.dataset.kind !== target.value));
  }
  chooseTyped(target);
});

window.addEventListener("beforeunload", (event) => {
  if (!dirty) return;
  event.preventDefault();
  event.returnValue = words.unsaved || "";
});

/* Sent once: the second press of a button is the same wish, not a second order. */
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (event.defaultPrevented || (form.getAttribute("method") || "get").toLowerCase() !== "post" || form.hasAttribute("data-many") || form.hasAttribute("hx-post")) return;
  if (form.dataset.sent) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = "1";
  if (form === dirty) dirty = null;
  setTimeout(() => all("button, input[type=submit]", form).forEach((button) => {
    if (button.type !== "button") button.classList.add("is-busy"), (button.disabled = true);
  }));
});

window.addEventListener("pageshow", () => {
  all("form[data-sent]").forEach((form) => {
    delete form.dataset.sent;
    all(".is-busy", form).forEach((button) => {
      button.classList.remove("is-busy");
      button.disabled = false;
    });
  });
});

document.addEventListener("click", (event) => {
  const jump = event.target.closest(".error-list a[href^='#']");
  const field = jump && document.getElementById(jump.hash.slice(1));
  if (!field) return;
  event.preventDefault();
  field.closest(".field")?.scrollIntoView({ block: "center" });
  (field.tomselect || field).focus();
});
