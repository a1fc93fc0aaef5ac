// Shows how many readers would get an email after each change of whom it goes to, as the server counts them.
const button = document.querySelector("[data-count]");
// A page that says why nothing can be sent has no main button, and is loaded again as without script.
const form = document.querySelector(".action-form__now") ? button?.form : null;
const INPUT_DELAY = 200;
let timer;
let request = new AbortController();

function cancel() {
  clearTimeout(timer);
  request.abort();
  request = new AbortController();
}

async function count() {
  cancel();
  const { signal } = request;
  const options = { method: "POST", body: new FormData(form, button), headers: { Accept: "application/json" }, signal };
  const response = await fetch(location.href, options).catch(() => null);
  const html = response && !response.redirected ? await response.text().catch(() => "") : "";
  const page = new DOMParser().parseFromString(html, "text/html");
  if (signal.aborted || !page.querySelector("[data-recipients]")) return;
  for (const part of form.querySelectorAll("[data-recipients]")) {
    const counted = page.querySelector(`[data-recipients="${part.dataset.recipients}"]`);
    // There is no button that sends to nobody.
    part.hidden = !counted;
    if (counted) part.replaceChildren(...counted.childNodes);
  }
}

form?.addEventListener("input", (event) => {
  if (!event.target.closest(".action-form__audience") && !event.target.matches("[name=email-newsletter]")) return;
  clearTimeout(timer);
  timer = setTimeout(count, INPUT_DELAY);
});
// What is sent is counted by the server as well.
form?.addEventListener("submit", cancel);
form?.addEventListener("click", (event) => {
  if (event.target !== button) return;
  event.preventDefault();
  count();
});
