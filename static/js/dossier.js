/* Dossier in the browser: keys, look-ups, lines, charts, guards. Everything works from data
   attributes, so pages carry no scripts of their own. */
(function () {
  "use strict";

  const root = document.documentElement;
  const zh = (root.lang || "").startsWith("zh");
  const words = JSON.parse(document.getElementById("words")?.textContent || "{}");
  const all = (selector, scope) => Array.from((scope || document).querySelectorAll(selector));
  const one = (selector, scope) => (scope || document).querySelector(selector);

  /* Toasts ------------------------------------------------------------------------------------ */

  function toast(text, level) {
    const box = one("#toasts");
    if (!box || !text) return;
    const note = document.createElement("div");
    note.className = "note note-" + (level || "info");
    note.dataset.note = "";
    note.innerHTML =
      '<span class="note-mark" aria-hidden="true"></span><div class="note-text"></div>' +
      '<button type="button" class="btn-close" data-note-close></button>';
    one(".note-text", note).textContent = text;
    one("button", note).setAttribute("aria-label", words.close || "");
    box.append(note);
    fade(note);
  }

  function fade(note) {
    if (/note-(error|danger|warning)/.test(note.className)) return; // what went wrong stays until read
    let timer = setTimeout(() => note.remove(), 6000);
    note.addEventListener("mouseenter", () => clearTimeout(timer));
    note.addEventListener("mouseleave", () => (timer = setTimeout(() => note.remove(), 3000)));
  }

  document.addEventListener("toast", (event) => toast(event.detail.text || event.detail.value, event.detail.level));

  /* Look-ups ---------------------------------------------------------------------------------- */

  function escapeHtml(text) {
    const box = document.createElement("i");
    box.textContent = text == null ? "" : text;
    return box.innerHTML.replace(/"/g, "&quot;");
  }

  function optionHtml(item) {
    const code = item.code ? '<span class="ts-code">' + escapeHtml(item.code) + "</span>" : "";
    const hint = item.hint ? '<span class="ts-hint">' + escapeHtml(item.hint) + "</span>" : "";
    return "<div>" + code + "<span>" + escapeHtml(item.name || item.text) + "</span>" + hint + "</div>";
  }

  function pick(select) {
    if (select.tomselect || !window.TomSelect || select.closest("template")) return;
    const lookup = select.dataset.lookupUrl;
    const settings = {
      maxOptions: 200,
      hidePlaceholder: true,
      dropdownParent: select.closest(".table-wrap") ? "body" : null, // a scrolling table would cut the list off
      hideSelected: false,
      closeAfterSelect: !select.multiple,
      selectOnTab: true,
      allowEmptyOption: false,
      plugins: select.multiple ? { remove_button: { title: words.remove || "" } } : select.required ? {} : ["clear_button"],
      render: {
        no_results: () => '<div class="no-results">' + escapeHtml(words.noResults) + "</div>",
        loading: () => '<div class="no-results">' + escapeHtml(words.loading) + "</div>",
        option: (item) => optionHtml(item),
        item: (item) => optionHtml({ code: item.code, name: item.name, text: item.text }),
      },
    };
    if (!select.multiple && !select.required) settings.plugins = { clear_button: { title: words.clear || "" } };
    if (lookup) {
      Object.assign(settings, {
        valueField: "value",
        labelField: "name",
        searchField: [], // the server searches: fragments, pinyin, codes
        preload: "focus",
        loadThrottle: 150,
        shouldLoad: () => true,
        score: () => () => 1,
        load(query, done) {
          const address = new URL(lookup, location.href);
          address.searchParams.set("q", query);
          fetch(address, { headers: { Accept: "application/json", "X-Requested-With": "fetch" } })
            .then((answer) => (answer.ok ? answer.json() : Promise.reject(answer)))
            .then((data) => {
              this.clearOptions((option) => this.items.includes(String(option.value)));
              done(data.results || []);
            })
            .catch(() => done());
        },
      });
    }
    const box = new window.TomSelect(select, settings);
    select.setAttribute("aria-hidden", "true"); // the visible box speaks for it
    const label = select.id && one('label[for="' + CSS.escape(select.id) + '-ts-control"], label[for="' + CSS.escape(select.id) + '"]');
    if (!label && select.getAttribute("aria-label")) box.control_input.setAttribute("aria-label", select.getAttribute("aria-label"));
    const described = select.getAttribute("aria-describedby");
    if (described) box.control_input.setAttribute("aria-describedby", described);
    box.on("item_add", (value) => {
      const fill = box.options[value] && box.options[value].fill;
      if (fill) fillFrom(select, fill);
    });
  }

  /* A chosen product brings its price into the blank fields of its line, and what one costs, unless
     they are of another currency than the form's. */
  function fillFrom(select, fill) {
    const line = select.closest("[data-line]");
    const currency = select.form && select.form.elements.currency;
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
    if (line) sumLines(line.closest("table"));
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

  /* Exact decimals for lines ------------------------------------------------------------------- */

  const SCALE = 8;
  const UNIT = 10n ** BigInt(SCALE);

  function decimal(text) {
    const plain = String(text == null ? "" : text).normalize("NFKC").replace(/[,\s¥￥]/g, "").replace("−", "-");
    const found = /^([-+]?)(\d*)(?:\.(\d*))?$/.exec(plain);
    if (!found || !(found[2] || found[3])) return null;
    const digits = BigInt((found[2] || "0") + (found[3] || "").slice(0, SCALE).padEnd(SCALE, "0"));
    return found[1] === "-" ? -digits : digits;
  }

  function divideHalfUp(value, by) {
    const negative = value < 0n;
    const size = negative ? -value : value;
    const rounded = (size * 2n + by) / (by * 2n);
    return negative ? -rounded : rounded;
  }

  const times = (a, b) => divideHalfUp(a * b, UNIT);
  const roundTo = (value, digits) => {
    const step = 10n ** BigInt(SCALE - digits);
    return divideHalfUp(value, step) * step;
  };

  function show(value, least) {
    const negative = value < 0n;
    const text = String(negative ? -value : value).padStart(SCALE + 1, "0");
    const whole = text.slice(0, -SCALE).replace(/\B(?=(\d{3})+$)/g, ",");
    const fraction = text.slice(-SCALE).replace(/0+$/, "").padEnd(least, "0");
    return (negative ? "-" : "") + whole + (fraction ? "." + fraction : "");
  }

  /* Order lines -------------------------------------------------------------------------------- */

  function lineInput(line, name) {
    return one('[data-col="' + name + '"] input:not([type="hidden"])', line);
  }

  /* Decimals of the form's currency: "JPY:0,KWD:3" names those that have not two. */
  function lineDigits(table) {
    const currency = table.closest("form")?.elements.currency;
    if (!currency || !table.dataset.digitsOf) return Number(table.dataset.digits || 2);
    const found = table.dataset.digitsOf.split(",").find((pair) => pair.startsWith(currency.value + ":"));
    return found ? Number(found.split(":")[1]) : 2;
  }

  function sumLines(table) {
    const digits = lineDigits(table);
    const sums = { quantity: 0n, amount: 0n, cost: 0n, profit: 0n };
    let costKnown = false;
    all("[data-line]", table).forEach((line) => {
      if (line.hidden) return;
      const value = (name) => decimal(lineInput(line, name)?.value);
      const quantity = value("quantity");
      const price = value("price");
      const discount = value("discount");
      const amountInput = lineInput(line, "amount");
      let amount = value("amount");
      if (quantity !== null && price !== null) {
        let factor = UNIT;
        if (discount !== null) {
          if (table.dataset.discount === "factor") factor = discount;
          else if (table.dataset.discount === "share") factor = UNIT - discount;
          else factor = UNIT - discount / 100n;
        }
        const computed = roundTo(divideHalfUp(quantity * price * factor, UNIT * UNIT), digits);
        if (amountInput) amountInput.placeholder = show(computed, digits);
        if (amount === null) amount = computed;
      } else if (amountInput) {
        amountInput.placeholder = "";
      }
      const costInput = lineInput(line, "cost");
      let cost = value("cost");
      const unitCost = costInput ? decimal(line.dataset.unitCost) : value("unit_cost");
      const proposed = unitCost !== null && quantity !== null ? roundTo(times(quantity, unitCost), digits) : null;
      if (costInput) costInput.placeholder = proposed === null ? "" : show(proposed, digits);
      if (cost === null) cost = proposed;
      const other = value("other_cost") || 0n;
      if (quantity !== null) sums.quantity += quantity;
      if (amount !== null) sums.amount += amount;
      if (cost !== null && amount !== null) {
        costKnown = true;
        sums.cost += cost + other;
        sums.profit += amount - cost - other;
      }
    });
    const put = (name, text) => {
      const place = one('[data-sum="' + name + '"]', table);
      if (place) place.textContent = text;
    };
    put("quantity", show(sums.quantity, 0));
    put("amount", show(sums.amount, digits));
    put("cost", costKnown ? show(sums.cost, digits) : "—");
    put("profit", costKnown ? show(sums.profit, digits) : "—");
  }

  function addLine(table) {
    const template = one("[data-line-template]", table.closest("fieldset"));
    const total = one('[name="' + table.dataset.prefix + '-TOTAL_FORMS"]', table.closest("form"));
    const number = Number(total.value);
    const line = document.createElement("tbody");
    line.innerHTML = template.innerHTML.replaceAll("__prefix__", String(number));
    const row = line.firstElementChild;
    one("tbody", table).append(row);
    total.value = String(number + 1);
    prepare(row);
    return row;
  }

  function focusIn(line, index) {
    const fields = lineFields(line);
    const field = fields[Math.min(index, fields.length - 1)];
    if (!field) return;
    field.focus();
    if (field.select) field.select();
  }

  function lineFields(line) {
    return all("td[data-col]", line)
      .map((cell) => one(".ts-control input, input:not([type='hidden']):not(.tomselected), select:not(.tomselected), textarea", cell))
      .filter((field) => field && !field.disabled && !field.readOnly);
  }

  function editLines(table) {
    table.addEventListener("input", (event) => {
      const column = event.target.closest("[data-col]")?.dataset.col;
      const amount = lineInput(event.target.closest("[data-line]"), "amount");
      if (amount && event.isTrusted) {
        // a recorded amount belongs to its figures: other figures, computed anew, unless it is typed
        if (column === "amount") amount.dataset.typed = "1";
        else if (["quantity", "price", "discount"].includes(column) && !amount.dataset.typed) amount.value = "";
      }
      sumLines(table);
    });
    table.closest("form")?.elements.currency?.addEventListener("change", () => sumLines(table));
    table.addEventListener("change", () => sumLines(table));
    table.addEventListener("click", (event) => {
      if (event.target.closest("[data-line-add]")) {
        focusIn(addLine(table), 0);
      } else if (event.target.closest("[data-line-remove]")) {
        const line = event.target.closest("[data-line]");
        const mark = one('input[name$="-DELETE"]', line);
        if (mark) mark.checked = true;
        line.hidden = true;
        sumLines(table);
        touch(table.closest("form"));
      }
    });
    table.addEventListener("keydown", (event) => {
      const line = event.target.closest("[data-line]");
      if (!line || event.isComposing || event.target.closest(".dropdown-active")) return;
      const fields = lineFields(line);
      const index = fields.indexOf(event.target);
      if (index < 0) return;
      const lines = all("[data-line]", table).filter((row) => !row.hidden);
      const at = lines.indexOf(line);
      if (event.key === "Enter" && !event.ctrlKey && !event.metaKey) {
        event.preventDefault();
        if (index < fields.length - 1) focusIn(line, index + 1);
        else focusIn(lines[at + 1] || addLine(table), 0);
      } else if ((event.key === "ArrowDown" || event.key === "ArrowUp") && event.target.matches("input[type='text'], input:not([type])") && !event.target.closest(".ts-control")) {
        const other = lines[at + (event.key === "ArrowDown" ? 1 : -1)];
        if (other) {
          event.preventDefault();
          focusIn(other, index);
        }
      }
    });
    sumLines(table);
  }

  /* Charts ------------------------------------------------------------------------------------- */

  const charts = new Map();
  const shortNumber = new Intl.NumberFormat(zh ? "zh-CN" : "en", { notation: "compact", maximumFractionDigits: 1 });
  const fullNumber = new Intl.NumberFormat(zh ? "zh-CN" : "en", { maximumFractionDigits: 4 });

  function chart(element) {
    if (!window.echarts) return;
    const source = document.getElementById(element.dataset.chart);
    if (!source) return;
    const data = JSON.parse(source.textContent);
    const style = getComputedStyle(root);
    const ink = (name) => style.getPropertyValue(name).trim();
    const dark = root.getAttribute("data-bs-theme") === "dark";
    const palette = dark
      ? ["#6ea8dc", "#d98a7b", "#7fb8a4", "#d0ad62", "#a996d6", "#8c9cab", "#c58aa6", "#93b56a"]
      : ["#2f6ca8", "#bf5a4a", "#3f8a76", "#b88a2c", "#7662ad", "#6d7c8b", "#a2577c", "#6b8f3d"];
    charts.get(element)?.dispose();
    const view = window.echarts.init(element, null, { renderer: "canvas", locale: zh ? "ZH" : "EN" });
    charts.set(element, view);
    const pie = data.kind === "pie";
    const many = (data.categories || []).length > 14;
    const series = (data.series || []).map((line) => ({
      name: line.name,
      type: line.kind || data.kind || "bar",
      data: pie ? line.data.map((value, index) => ({ value, name: data.categories[index] })) : line.data,
      stack: data.stacked ? "all" : undefined,
      barMaxWidth: 34,
      smooth: false,
      symbolSize: 5,
      radius: pie ? ["42%", "70%"] : undefined,
      emphasis: { focus: "series" },
      itemStyle: { borderRadius: !data.stacked && (line.kind || data.kind || "bar") === "bar" ? [3, 3, 0, 0] : 0 },
    }));
    view.setOption({
      color: palette,
      animationDuration: 250,
      textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink("--dz-ink") },
      legend: { show: pie || series.length > 1, type: "scroll", top: 0, textStyle: { color: ink("--dz-ink-2") }, pageTextStyle: { color: ink("--dz-ink-2") } },
      grid: { left: 8, right: 12, top: series.length > 1 ? 36 : 16, bottom: many ? 34 : 4, containLabel: true },
      tooltip: {
        trigger: pie ? "item" : "axis",
        axisPointer: { type: "shadow", shadowStyle: { color: dark ? "rgba(255,255,255,.05)" : "rgba(0,0,0,.04)" } },
        backgroundColor: ink("--dz-sheet"),
        borderColor: ink("--dz-rule"),
        textStyle: { color: ink("--dz-ink"), fontSize: 13 },
        confine: true,
        valueFormatter: (value) => (value == null ? "—" : fullNumber.format(value)),
      },
      xAxis: pie ? undefined : {
        type: "category",
        data: data.categories,
        axisTick: { show: false },
        axisLine: { lineStyle: { color: ink("--dz-rule-strong") } },
        axisLabel: { color: ink("--dz-ink-2"), hideOverlap: true, width: 92, overflow: "truncate" },
      },
      yAxis: pie ? undefined : {
        type: "value",
        splitLine: { lineStyle: { color: ink("--dz-rule") } },
        axisLabel: { color: ink("--dz-ink-2"), formatter: (value) => shortNumber.format(value) },
      },
      dataZoom: many && !pie ? [{ type: "slider", height: 16, bottom: 4, borderColor: "transparent", labelFormatter: "", showDetail: false }] : [],
      series,
    });
    view.on("click", (point) => {
      const address = data.urls && (data.urls[point.seriesIndex] || [])[point.dataIndex];
      if (address) location.assign(address);
    });
  }

  const resizer = "ResizeObserver" in window ? new ResizeObserver((entries) => entries.forEach((entry) => charts.get(entry.target)?.resize())) : null;

  /* Quick periods ------------------------------------------------------------------------------ */

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

  /* Forms: unsaved changes, double submits, not applicable, conflicts --------------------------- */

  let dirty = null;

  function touch(form) {
    if (!form || !form.matches("[data-guard]")) return;
    dirty = form;
    const text = one("[data-dirty-text]", form);
    if (text) text.hidden = false;
  }

  document.addEventListener("input", (event) => touch(event.target.form));
  document.addEventListener("change", (event) => {
    const target = event.target;
    if (target.isTrusted !== false) touch(target.form);
    if (target.matches("[data-na-toggle]")) {
      target.closest("[data-na]").classList.toggle("is-na", target.checked);
    } else if (target.name && target.name.startsWith("choose_")) {
      setValue(target.form.elements[target.name.slice(7)], target.dataset.value);
    } else if (target.matches("[data-submit]")) {
      target.form.requestSubmit();
    } else if (target.matches("[data-only]")) {
      all(target.dataset.only).forEach((item) => (item.hidden = target.value !== "" && item.dataset.kind !== target.value));
    } else if (target.matches("[data-drop] input[type=file]")) {
      showFile(target);
    }
  });

  window.addEventListener("beforeunload", (event) => {
    if (!dirty) return;
    event.preventDefault();
    event.returnValue = words.unsaved || "";
  });

  function setValue(field, value) {
    if (!field) return;
    if (field.tomselect) {
      if (value && !field.tomselect.options[value]) field.tomselect.addOption({ value, name: value, text: value });
      field.tomselect.setValue(value || "", true);
    } else if (field.type === "checkbox") {
      field.checked = value === "1" || value === "True" || value === "true";
    } else {
      field.value = value || "";
    }
  }

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

  /* Files dropped -------------------------------------------------------------------------------- */

  function showFile(input) {
    const zone = input.closest("[data-drop]");
    const name = one("[data-drop-name]", zone);
    const file = input.files[0];
    if (name.dataset.empty === undefined) name.dataset.empty = name.textContent;
    let refusal = "";
    if (file && !/\.(xlsx|csv|csv\.gz|gz|txt|tsv)$/i.test(file.name)) refusal = words.fileKind;
    else if (file && input.dataset.maxBytes && file.size > Number(input.dataset.maxBytes)) refusal = words.fileTooLarge;
    if (refusal) {
      toast(refusal, "error");
      input.value = "";
    }
    const good = file && !refusal;
    name.textContent = good ? file.name + " · " + size(file.size) : name.dataset.empty;
    zone.classList.toggle("full", Boolean(good));
  }

  function size(bytes) {
    return bytes < 1048576 ? Math.max(1, Math.round(bytes / 1024)) + " KB" : (bytes / 1048576).toFixed(1) + " MB";
  }

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

  /* Clicks ---------------------------------------------------------------------------------------- */

  document.addEventListener("click", (event) => {
    const target = event.target;
    if (target.closest("[data-note-close]")) {
      target.closest("[data-note]").remove();
      return;
    }
    const theme = target.closest("[data-theme-set]");
    if (theme) {
      window.dossierTheme.set(theme.dataset.themeSet);
      markTheme();
      return;
    }
    if (target.closest("[data-help]")) {
      help();
      return;
    }
    const quick = target.closest("[data-quick]");
    if (quick) {
      quickPeriod(quick);
      return;
    }
    const peek = target.closest("[data-peek]");
    if (peek) {
      const input = one("input", peek.closest(".peek"));
      input.type = input.type === "password" ? "text" : "password";
      peek.setAttribute("aria-pressed", String(input.type === "text"));
      return;
    }
    const copy = target.closest("[data-copy]");
    if (copy && navigator.clipboard) {
      navigator.clipboard.writeText(copy.dataset.copy).then(() => toast(words.copied, "success"), () => {});
      return;
    }
    const jump = target.closest(".error-list a[href^='#']");
    if (jump) {
      const field = document.getElementById(jump.hash.slice(1));
      if (field) {
        event.preventDefault();
        field.closest(".field")?.scrollIntoView({ block: "center" });
        (field.tomselect || field).focus();
      }
      return;
    }
    const row = target.closest("tr[data-href]");
    if (row && !target.closest("a, button, input, label, select, summary") && !String(getSelection())) {
      if (event.ctrlKey || event.metaKey) window.open(row.dataset.href, "_blank", "noopener");
      else location.assign(row.dataset.href);
    }
  });

  function markTheme() {
    const wanted = window.dossierTheme?.choice();
    all("[data-theme-set]").forEach((button) => button.setAttribute("aria-pressed", String(button.dataset.themeSet === wanted)));
  }

  document.addEventListener("dossier:theme", () => charts.forEach((_view, element) => chart(element)));

  /* The search box of a list asks while one types; its change event, which comes late on leaving
     the box, would only ask again and overtake the click that left it. */
  document.addEventListener("change", (event) => event.target.id === "list-q" && event.stopPropagation(), true);

  /* Column choice: the boxes write one value of the filter form, before htmx reads it. */
  document.addEventListener("change", (event) => {
    const menu = event.target.closest("[data-columns]");
    if (menu) one("input[type=hidden]", menu).value = all("input[type=checkbox]:checked", menu).map((box) => box.value).join(",");
  }, true);

  /* Keys ------------------------------------------------------------------------------------------- */

  const places = { h: ["home"], c: ["customers"], o: ["orders", "sales"], p: ["products"], r: ["reports"], e: ["employees", "people"], i: ["imports"] };
  let goUntil = 0;

  function help() {
    const dialog = one("#keys");
    if (dialog && !dialog.open) dialog.showModal();
  }

  function typing(target) {
    return target.isContentEditable || target.matches("textarea, select, input:not([type=checkbox]):not([type=radio]):not([type=button]):not([type=submit])");
  }

  function press(selector) {
    const element = one(selector);
    if (!element) return false;
    element.click();
    return true;
  }

  function step(by) {
    const rows = all("[data-rows] tbody tr[data-href]");
    if (!rows.length) return press(by > 0 ? "[data-key-next]" : "[data-key-prev]");
    const at = rows.findIndex((row) => row.classList.contains("here"));
    const next = rows[at < 0 ? (by > 0 ? 0 : rows.length - 1) : Math.max(0, Math.min(rows.length - 1, at + by))];
    rows.forEach((row) => row.classList.remove("here"));
    next.classList.add("here");
    const head = one("thead", next.closest("table"))?.offsetHeight || 0;
    next.style.scrollMarginTop = head + "px";
    next.scrollIntoView({ block: "nearest" });
    return true;
  }

  document.addEventListener("keydown", (event) => {
    if (event.isComposing || event.defaultPrevented) return;
    const key = event.key;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "s" && one("[data-key-save]")) {
      event.preventDefault();
      press("[data-key-save]");
      return;
    }
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (key === "Escape" && !event.target.closest(".ts-control, .find")) event.target.blur();
      return;
    }
    if (one("dialog[open]") || one(".modal.show")) return;
    let done = false;
    if (Date.now() < goUntil) {
      goUntil = 0;
      done = [key, ...(places[key] || [])].some((place) => press('[data-go="' + CSS.escape(place) + '"]'));
    } else if (key === "g") {
      goUntil = Date.now() + 1200;
    } else if (key === "/") {
      const field = one("#find") || one("#list-q");
      if (field) field.focus(), field.select();
      done = Boolean(field);
    } else if (key === "?") {
      help();
      done = true;
    } else if (key === "n") {
      done = press("[data-key-new]") || press("[data-new]");
    } else if (key === "e") {
      done = press("[data-key-edit]");
    } else if (key === "s") {
      done = press("[data-key-save]");
    } else if (key === "j" || key === "k") {
      done = step(key === "j" ? 1 : -1);
    } else if (key === "Enter" && !event.target.closest("a, button, summary")) {
      const row = one("[data-rows] tr.here");
      if (row) location.assign(row.dataset.href);
      done = Boolean(row);
    } else if (key === "Escape") {
      all("tr.here").forEach((row) => row.classList.remove("here"));
    }
    if (done) event.preventDefault();
  });

  /* Global search ----------------------------------------------------------------------------------- */

  function suggestions() {
    const form = one("[data-find]");
    if (!form) return;
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

  /* htmx ------------------------------------------------------------------------------------------------ */

  let waiting = 0;
  const busy = (by) => {
    waiting = Math.max(0, waiting + by);
    root.classList.toggle("is-loading", waiting > 0);
  };

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
  document.addEventListener("htmx:beforeRequest", (event) => event.target.closest("[data-quiet]") || busy(1));
  document.addEventListener("htmx:afterRequest", (event) => event.target.closest("[data-quiet]") || busy(-1));
  document.addEventListener("htmx:sendError", () => toast(words.offline, "error"));
  document.addEventListener("htmx:responseError", (event) => {
    const status = event.detail.xhr.status;
    toast(status === 403 ? words.forbidden : status === 404 ? words.gone : status === 419 ? words.expired : words.failed, "error");
  });
  document.addEventListener("htmx:pushedIntoHistory", () =>
    all("[data-export]").forEach((link) => {
      const address = new URL(link.dataset.export, location.href);
      new URLSearchParams(location.search).forEach((value, name) => address.searchParams.has(name) || address.searchParams.append(name, value));
      link.href = address.pathname + address.search;
    }),
  );
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));

  /* Start ------------------------------------------------------------------------------------------------ */

  function each(scope, selector, run) {
    const found = all(selector, scope);
    if (scope.matches && scope.matches(selector)) found.unshift(scope);
    found.forEach((element) => {
      element.prepared = element.prepared || new Set();
      if (element.prepared.has(selector)) return;
      element.prepared.add(selector);
      run(element);
    });
  }

  function prepare(scope) {
    each(scope, "select[data-lookup-url], select[data-pick]", pick);
    each(scope, ".sheet-form select.form-select", (select) => select.options.length > 14 && pick(select));
    each(scope, "[data-code-name-url]", nameOfCode);
    each(scope, "[data-lines]", editLines);
    each(scope, "[data-note]", fade);
    each(scope, "[data-chart]", (element) => {
      chart(element);
      resizer?.observe(element);
    });
  }

  function start() {
    markTheme();
    suggestions();
    prepare(document.body);
    const first = one("[data-autofocus]");
    if (first) first.focus({ preventScroll: false });
    else if (one(".error-list")) dirty = one("form[data-guard]");
    if (one(".error-list, .conflict")) touch(one("form[data-guard]"));
  }

  window.dossier = { toast, prepare };
  if (document.readyState === "loading") document.addEventListener("DOMContentLoaded", start);
  else start();
})();
