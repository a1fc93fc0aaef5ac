// Choosing an author’s portrait from the library.
import "../editor/library-picker.js";
import { enhanceImageChoices } from "./image-choice.js";

enhanceImageChoices(JSON.parse(document.querySelector("#images").textContent));
