// The prompt dialog of the editor. The other dialogs are in modules of their own.
import { $, create, openDialog } from "./dialog.js";
import "./image-details.js";
import "./library-picker.js";
import "./saved-blocks.js";

const dialog = $("#prompt");
const form = $("form", dialog);
form.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && (e.ctrlKey || e.metaKey)) {
    e.preventDefault();
    form.requestSubmit();
  }
});
document.addEventListener(
  "newsroom:prompt",
  ({ detail: { title, fields, submit = gettext("Insert"), hint = "", validate = () => "", done } }) => {
    $("#prompt-heading").textContent = title;
    $("[data-prompt-submit]", dialog).textContent = submit;
    const inputs = fields.map(({ name, rows, checkbox, value }) =>
      create(rows ? "textarea" : "input", {
        id: `prompt-${name}`,
        name,
        ...(checkbox
          ? { type: "checkbox", checked: value }
          : { value: value ?? "", ...(rows ? { rows } : { type: "text", autocomplete: "off" }) }),
      }),
    );
    $("[data-prompt-fields]", dialog).replaceChildren(
      ...inputs.flatMap((input, i) =>
        fields[i].checkbox
          ? [create("label", { className: "prompt__checkbox" }, input, ` ${fields[i].label}`)]
          : [create("label", { className: "field-label", htmlFor: input.id, textContent: fields[i].label }), input],
      ),
    );
    // A checkbox with `follow` is set by the text of the first field, until it is changed by hand.
    fields.forEach(({ follow }, i) => {
      if (!follow) return;
      let isChanged = false;
      inputs[i].onchange = () => {
        isChanged = true;
      };
      inputs[0].oninput = () => {
        if (!isChanged) inputs[i].checked = follow(inputs[0].value);
      };
    });
    $("[data-prompt-hint]", dialog).textContent = hint;
    $("[data-prompt-error]", dialog).textContent = "";
    const answer = openDialog(dialog, done);
    form.onsubmit = (e) => {
      e.preventDefault();
      const values = Object.fromEntries(
        inputs.map((input) => [input.name, input.type === "checkbox" ? input.checked : input.value]),
      );
      const error = validate(values);
      $("[data-prompt-error]", dialog).textContent = error;
      if (error) inputs[0].focus();
      else answer(values);
    };
    $("[data-prompt-cancel]", dialog).onclick = () => answer(null);
    inputs[0]?.select();
  },
);
