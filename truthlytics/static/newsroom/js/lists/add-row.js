// "Add row" below the rows of a form: shows the blank rows one at a time, then adds new ones from the template.
// Without this script all blank rows are shown.
for (const rows of document.querySelectorAll("[data-rows]")) {
  const template = rows.querySelector("template");
  const button = rows.querySelector("[data-add-row]");
  const total = rows.querySelector('[name$="-TOTAL_FORMS"]');
  const max = Number(rows.querySelector('[name$="-MAX_NUM_FORMS"]').value);
  const spare = [...rows.querySelectorAll("[data-spare]")].slice(1);
  for (const row of spare) row.hidden = true;
  const nextSpare = () => spare.find((row) => row.hidden);
  const update = () => {
    button.hidden = !nextSpare() && Number(total.value) >= max;
  };

  function create() {
    const index = Number(total.value);
    const fill = (text) => text.replaceAll("__prefix__", index).replaceAll("__number__", index + 1);
    const part = template.content.cloneNode(true);
    for (const element of part.querySelectorAll("*")) {
      for (const attribute of element.attributes) attribute.value = fill(attribute.value);
      for (const node of element.childNodes) if (node.nodeType === Node.TEXT_NODE) node.data = fill(node.data);
    }
    total.value = index + 1;
    const row = part.firstElementChild;
    template.before(part);
    row.querySelector('[name$="-position"]').value = index + 1;
    row.dispatchEvent(new CustomEvent("row-added", { bubbles: true }));
    return row;
  }

  button.addEventListener("click", () => {
    const row = nextSpare() ?? create();
    row.hidden = false;
    row.querySelector("input:not([type=hidden]):not([hidden]), textarea").focus();
    update();
  });
  // Recovered input may be in a row that is hidden.
  rows.addEventListener("change", (event) => {
    const row = event.target.closest("[data-spare]");
    if (row) row.hidden = false;
    update();
  });
  update();
}
