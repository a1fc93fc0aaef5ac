// Choosing an image from the library in a form.
import "../editor/library-picker.js";
import { enhanceImageChoices } from "./image-choice.js";

enhanceImageChoices(JSON.parse(document.querySelector("#images").textContent));
