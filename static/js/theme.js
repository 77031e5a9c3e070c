/* Runs in the head, before anything is painted, so that a dark page never flashes light. */
(function () {
  "use strict";
  var dark = window.matchMedia("(prefers-color-scheme: dark)");

  function choice() {
    try {
      return localStorage.getItem("dossier-theme") || "auto";
    } catch (error) {
      return "auto";
    }
  }

  function apply() {
    var wanted = choice();
    var theme = wanted === "auto" ? (dark.matches ? "dark" : "light") : wanted;
    var root = document.documentElement;
    if (root.getAttribute("data-bs-theme") !== theme) {
      root.setAttribute("data-bs-theme", theme);
      document.dispatchEvent(new CustomEvent("dossier:theme", { detail: theme }));
    }
    root.setAttribute("data-theme-choice", wanted);
  }

  window.dossierTheme = {
    choice: choice,
    set: function (wanted) {
      try {
        localStorage.setItem("dossier-theme", wanted);
      } catch (error) {
        /* private mode: the choice lasts for this page only */
      }
      apply();
    },
  };
  dark.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  apply();
})();
