// A copy button next to each link field; without script the field can be selected and copied manually.
for (const field of document.querySelectorAll("[data-copy]")) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "btn btn--small",
    textContent: gettext("Copy"),
  });
  const status = Object.assign(document.createElement("span"), { className: "visually-hidden", role: "status" });
  button.addEventListener("click", async () => {
    field.select();
    try {
      await navigator.clipboard.writeText(field.value);
      button.textContent = gettext("Copied");
      status.textContent = gettext("Link copied.");
    } catch {
      button.textContent = gettext("Press Ctrl C");
      field.focus();
    }
    setTimeout(() => {
      button.textContent = gettext("Copy");
    }, 3000);
  });
  field.addEventListener("focus", () => field.select());
  field.after(button, status);
}
