// Name the typed amount on the button that refunds it.
const button = document.querySelector("[data-amount]");
const field = button?.form.elements.amount;
const label = button?.textContent.trim();

function update() {
  const typed = field.value.trim();
  // The amount of the server, such as “€9.00”, with the typed digits.
  const money = button.dataset.amount.replace(/\d[\d.,]*/, () => typed);
  button.textContent = /^\d[\d.,]*$/.test(typed) ? `${label} ${money}` : label;
}

if (field) {
  field.addEventListener("input", update);
  update();
}
