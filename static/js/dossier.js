/* The entry: Dossier in the browser. Everything works from data attributes, so pages carry no scripts
   of their own; each module looks after one subject and registers what it does. */

import "./cells.js";
import { markTheme } from "./controls.js";
import { one } from "./dom.js";
import "./files.js";
import "./filters.js";
import { beginForm, touchRefused } from "./forms.js";
import "./keyboard.js";
import "./lines.js";
import "./lookups.js";
import { onEach, prepare } from "./prepare.js";
import "./requests.js";
import "./rows.js";
import "./search.js";
import "./ticks.js";
import "./toasts.js";
import "./walk.js";

onEach("[data-chart]", (element) => import("./charts.js").then((charts) => charts.draw(element)));

markTheme();
prepare(document.body);
const first = one("[data-autofocus]");
if (first) first.focus({ preventScroll: false });
else beginForm();
touchRefused();
