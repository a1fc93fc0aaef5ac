// Suggests articles for the field "Translation of" by words of their headlines. The field takes a URL without it.
const field = document.querySelector("#id_translation_of");
const suggestions = document.querySelector("#translation-targets");
const DELAY = 200;
let timer;

async function suggest() {
  const response = await fetch(`${suggestions.dataset.url}?${new URLSearchParams({ q: field.value })}`);
  if (!response.ok) return;
  const { items } = await response.json();
  suggestions.replaceChildren(...items.map(({ title, href }) => new Option(title, href)));
}

// Enter chooses a suggestion, and does not submit the form.
field?.addEventListener("keydown", (e) => {
  if (e.key === "Enter" && !e.ctrlKey && !e.metaKey) e.preventDefault();
});
field?.addEventListener("input", () => {
  clearTimeout(timer);
  if (field.value && !field.value.startsWith("/")) timer = setTimeout(suggest, DELAY);
});
