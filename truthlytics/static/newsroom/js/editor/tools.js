// Editor tools shared by articles and pages.
import "./field-quotes.js";
import "./find-replace.js";
import "./focus-mode.js";
import "./shortcuts.js";
