/* Charts of reports, drawn by ECharts from a JSON block of the page; loaded only where a page has one. */

import { root, zh } from "./dom.js";

const charts = new Map();
const language = zh ? "zh-CN" : "en";
const shortNumber = new Intl.NumberFormat(language, { notation: "compact", maximumFractionDigits: 1 });
const fullNumber = new Intl.NumberFormat(language, { maximumFractionDigits: 4 });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 1 });
const resizer = new ResizeObserver((entries) => entries.forEach((entry) => charts.get(entry.target)?.resize()));

const PALETTE = {
  light: ["#2f6ca8", "#bf5a4a", "#3f8a76", "#b88a2c", "#7662ad", "#6d7c8b", "#a2577c", "#6b8f3d"],
  dark: ["#6ea8dc", "#d98a7b", "#7fb8a4", "#d0ad62", "#a996d6", "#8c9cab", "#c58aa6", "#93b56a"],
};

function series(data, line) {
  const kind = line.kind || data.kind || "bar";
  const pie = data.kind === "pie";
  return {
    name: line.name,
    type: kind,
    data: pie ? line.data.map((value, index) => ({ value, name: data.categories[index] })) : line.data,
    stack: data.stacked ? "all" : undefined,
    barMaxWidth: 34,
    smooth: false,
    symbolSize: 5,
    radius: pie ? ["42%", "70%"] : undefined,
    emphasis: { focus: "series" },
    itemStyle: { borderRadius: !data.stacked && kind === "bar" ? [3, 3, 0, 0] : 0 },
  };
}

function options(data, width) {
  const style = getComputedStyle(root);
  const ink = (name) => style.getPropertyValue(name).trim();
  const dark = root.getAttribute("data-bs-theme") === "dark";
  const pie = data.kind === "pie";
  const many = (data.categories || []).length > 14;
  // a month is never cut to its year: where labels have no room, every other one is left out
  const room = Math.max(64, Math.min(92, Math.floor((width - 76) / ((data.categories || []).length || 1)) - 8));
  const lines = (data.series || []).map((line) => series(data, line));
  return {
    color: dark ? PALETTE.dark : PALETTE.light,
    animation: !window.matchMedia("(prefers-reduced-motion: reduce)").matches,
    animationDuration: 250,
    textStyle: { fontFamily: getComputedStyle(document.body).fontFamily, color: ink("--dz-ink") },
    legend: { show: pie || lines.length > 1, type: "scroll", top: 0, textStyle: { color: ink("--dz-ink-2") }, pageTextStyle: { color: ink("--dz-ink-2") } },
    grid: { left: 8, right: 12, top: lines.length > 1 ? 36 : 16, bottom: many ? 34 : 4, containLabel: true },
    tooltip: {
      trigger: pie ? "item" : "axis",
      axisPointer: { type: "shadow", shadowStyle: { color: dark ? "rgba(255,255,255,.05)" : "rgba(0,0,0,.04)" } },
      backgroundColor: ink("--dz-sheet"),
      borderColor: ink("--dz-rule"),
      textStyle: { color: ink("--dz-ink"), fontSize: 13 },
      confine: true,
      valueFormatter: (value) => (value == null ? "—" : (data.percent ? percent : fullNumber).format(value)),
    },
    xAxis: pie ? undefined : {
      type: "category",
      data: data.categories,
      axisTick: { show: false },
      axisLine: { lineStyle: { color: ink("--dz-rule-strong") } },
      axisLabel: { color: ink("--dz-ink-2"), hideOverlap: true, interval: many ? "auto" : 0, width: many ? 92 : room, overflow: "truncate" },
    },
    yAxis: pie ? undefined : {
      type: "value",
      splitLine: { lineStyle: { color: ink("--dz-rule") } },
      axisLabel: { color: ink("--dz-ink-2"), formatter: (value) => (data.percent ? percent : shortNumber).format(value) },
    },
    dataZoom: many && !pie ? [{ type: "slider", height: 16, bottom: 4, borderColor: "transparent", labelFormatter: "", showDetail: false }] : [],
    series: lines,
  };
}

/** Draw a chart, anew after a change of the colours; a click on a bar leads to what is behind it. */
export function draw(element) {
  const source = document.getElementById(element.dataset.chart);
  if (!source || !window.echarts) return;
  const data = JSON.parse(source.textContent);
  charts.get(element)?.dispose();
  const view = window.echarts.init(element, null, { renderer: "canvas", locale: zh ? "ZH" : "EN" });
  charts.set(element, view);
  view.setOption(options(data, element.clientWidth));
  view.on("click", (point) => {
    const address = data.urls?.[point.seriesIndex]?.[point.dataIndex];
    if (address) location.assign(address);
  });
  resizer.observe(element);
}

document.addEventListener("dossier:theme", () => charts.forEach((_view, element) => draw(element)));
