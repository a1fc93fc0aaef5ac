// On the confirmation page of a bulk action, show beside each article what the chosen option changes its value to.
const select = document.querySelector(".bulk-action select");

function show() {
  const chosen = select.value ? `→ ${select.selectedOptions[0].text}` : "";
  for (const target of document.querySelectorAll("[data-chosen]")) target.textContent = chosen;
}

select?.addEventListener("change", show);
if (select) show();
