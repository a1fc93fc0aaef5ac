// Progressive enhancement for reports of errors: the text that was selected in the article is filled in.
import { fillPassage } from "./passage.js";

fillPassage(document.querySelector("[data-report-form]"));
