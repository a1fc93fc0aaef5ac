// Progressive enhancement for error reports: fills in the text that was selected in the article.
import { fillPassage } from "./passage.js";

fillPassage(document.querySelector("[data-report-form]"));
