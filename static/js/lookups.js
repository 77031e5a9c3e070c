/* Choosing from many: selects that search (here or at the server), and codes that show their name. */

import { escapeHtml, one, words } from "./dom.js";
import { onEach } from "./prepare.js";

const LONG = 14; // options a plain select of a form may have before it gets a search box

function optionHtml(item) {
  const code = item.code ? '<span class="ts-code">' + escapeHtml(item.code) + "</span>" : "";
  const hint = item.hint ? '<span class="ts-hint">' + escapeHtml(item.hint) + "</span>" : "";
  return "<div>" + code + "<span>" + escapeHtml(item.name || item.text) + "</span>" + hint + "</div>";
}

function plugins(select) {
  if (select.multiple) return { remove_button: { title: words.remove || "" } };
  return select.required ? {} : { clear_button: { title: words.clear || "" } };
}

/* The server searches: fragments, pinyin, codes. */
function remote(address) {
  return {
    valueField: "value",
    labelField: "name",
    searchField: [],
    preload: "focus",
    loadThrottle: 150,
    shouldLoad: () => true,
    score: () => () => 1,
    load(query, done) {
      const url = new URL(address, location.href);
      url.searchParams.set("q", query);
      fetch(url, { headers: { Accept: "application/json", "X-Requested-With": "fetch" } })
        .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
        .then((data) => {
          this.clearOptions((option) => this.items.includes(String(option.value)));
          done(data.results || []);
        })
        .catch(() => done());
    },
  };
}

function pick(select) {
  if (select.tomselect || !window.TomSelect || select.closest("template")) return;
  const box = new window.TomSelect(select, {
    maxOptions: 200,
    hidePlaceholder: true,
    dropdownParent: select.closest(".table-wrap") ? "body" : null, // a scrolling table would cut the list off
    hideSelected: false,
    closeAfterSelect: !select.multiple,
    selectOnTab: true,
    allowEmptyOption: false,
    plugins: plugins(select),
    render: {
      no_results: () => '<div class="no-results">' + escapeHtml(words.noResults) + "</div>",
      loading: () => '<div class="no-results">' + escapeHtml(words.loading) + "</div>",
      option: (item) => optionHtml(item),
      item: (item) => optionHtml({ code: item.code, name: item.name, text: item.text }),
    },
    ...(select.dataset.lookupUrl ? remote(select.dataset.lookupUrl) : {}),
  });
  speak(select, box);
  box.on("item_add", (value) => {
    const fill = box.options[value]?.fill;
    if (fill) fillFrom(select, fill);
  });
}

/* The visible box takes over what the select says to those who hear the page. */
function speak(select, box) {
  select.setAttribute("aria-hidden", "true");
  const id = select.id && CSS.escape(select.id);
  const label = id && one('label[for="' + id + '-ts-control"], label[for="' + id + '"]');
  if (!label && select.getAttribute("aria-label")) box.control_input.setAttribute("aria-label", select.getAttribute("aria-label"));
  const described = select.getAttribute("aria-describedby");
  if (described) box.control_input.setAttribute("aria-describedby", described);
}

/* A chosen product brings its price into the blank fields of its line, and what one costs, unless
   they are of another currency than the form's. */
function fillFrom(select, fill) {
  const line = select.closest("[data-line]");
  const currency = select.form?.elements.currency;
  const foreign = fill.currency && currency && currency.value !== fill.currency;
  if (line) line.dataset.unitCost = (!foreign && fill.unit_cost) || "";
  Object.keys(foreign ? {} : fill).forEach((name) => {
    if (name === "currency") return;
    const input = line ? one('[data-col="' + name + '"] input', line) : one("[name='" + name + "']", select.form);
    if (input && !input.value) {
      input.value = fill[name];
      input.dispatchEvent(new Event("input", { bubbles: true }));
    }
  });
  line?.dispatchEvent(new CustomEvent("line:filled", { bubbles: true }));
}

function nameOfCode(input) {
  const output = one("#" + CSS.escape(input.id) + "_name");
  if (!output) return;
  let timer;
  input.addEventListener("input", () => {
    clearTimeout(timer);
    const code = input.value.trim();
    output.classList.remove("bad");
    if (!code) {
      output.textContent = "";
      return;
    }
    timer = setTimeout(() => {
      const address = new URL(input.dataset.codeNameUrl, location.href);
      address.searchParams.set("code", code);
      fetch(address, { headers: { "X-Requested-With": "fetch" } })
        .then((answer) => (answer.ok ? answer.text() : ""))
        .then((text) => {
          if (input.value.trim() !== code) return;
          output.textContent = text.trim() || words.unknownCode;
          output.classList.toggle("bad", !text.trim());
        })
        .catch(() => {});
    }, 150);
  });
}

onEach("select[data-lookup-url], select[data-pick]", pick);
onEach(".sheet-form select.form-select", (select) => select.options.length > LONG && pick(select));
onEach("[data-code-name-url]", nameOfCode);
