// Enhancements of the article form: free words, images, extra byline rows. All fields work without script.
import "./topics.js";
import { form, watchWordCount, wordCount } from "./canvas.js";
import { enhanceImageChoices } from "../media/image-choice.js";
import { formatNumber } from "../shared/formats.js";
import { hideNotice, showNotice } from "../shared/notices.js";

const $ = (selector, root = document) => root.querySelector(selector);
const $$ = (selector, root = document) => [...root.querySelectorAll(selector)];
const field = (name) => form.elements[name];

// --- free words -----------------------------------------------------------------------------------------
function showFreeWords(blocks, total) {
  const hint = $("[data-free-words]");
  const marker = blocks.findIndex((block) => block.classList.contains("paywall-marker"));
  const free = blocks.slice(0, marker).reduce((sum, block) => sum + wordCount(block), 0);
  hint.hidden = false;
  if (field("required_level").value === "0")
    hint.textContent =
      marker < 0 ? gettext("Free for everyone.") : gettext("Free for everyone; the paywall marker is ignored.");
  else if (marker < 0)
    hint.textContent = gettext("No paywall marker: the first three blocks are free, up to a third of the text.");
  else
    hint.textContent = interpolate(
      gettext("%(free)s of %(total)s words are free."),
      { free: formatNumber(free), total: formatNumber(total) },
      true,
    );
}
const recount = watchWordCount(showFreeWords);
field("required_level").addEventListener("change", recount);

// --- paywall marker -------------------------------------------------------------------------------------
// The marker says that a part is paid, so access must not stay with everyone.
const PAID_LEVEL = "10";
document.addEventListener("newsroom:gate", () => {
  const level = field("required_level");
  if (level.value !== "0" || ![...level.options].some(({ value }) => value === PAID_LEVEL)) return;
  const set = (value) => {
    level.value = value;
    level.dispatchEvent(new Event("change", { bubbles: true }));
  };
  set(PAID_LEVEL);
  showNotice(
    "gate",
    interpolate(
      gettext("Access is now “%(level)s”: only they read on after the paywall marker."),
      { level: level.selectedOptions[0].text },
      true,
    ),
    [
      [
        gettext("Keep open to everyone"),
        () => {
          set("0");
          hideNotice("gate");
        },
      ],
      [gettext("Close"), () => hideNotice("gate")],
    ],
  );
});

// --- images ---------------------------------------------------------------------------------------------
enhanceImageChoices(JSON.parse($("#images").textContent));

// --- extra byline rows ----------------------------------------------------------------------------------
const addAuthor = $("[data-add-author]");
const extraRows = $$("[data-extra-row]");
for (const row of extraRows) row.hidden = true;
addAuthor.hidden = !extraRows.length;
addAuthor.addEventListener("click", () => {
  const row = extraRows.shift();
  row.hidden = false;
  $("select", row).focus();
  addAuthor.hidden = !extraRows.length;
});

// --- the page of the user as an author ---------------------------------------------------------------------
const ownAuthor = $("[data-own-author]");
ownAuthor?.addEventListener("click", async (event) => {
  event.preventDefault();
  const status = $("[role=status]", ownAuthor.parentElement);
  const body = new FormData();
  body.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]").value);
  try {
    const response = await fetch(ownAuthor.dataset.ownAuthor, {
      method: "POST",
      body,
      headers: { Accept: "application/json" },
      redirect: "manual",
    });
    const { pk, name, says } = await response.json();
    if (!response.ok) {
      status.textContent = says;
      return;
    }
    const selects = $$(".byline-row select");
    for (const select of selects)
      if (![...select.options].some((option) => option.value === String(pk))) select.append(new Option(name, pk));
    const free = selects.find((select) => !select.value);
    free.value = pk;
    free.dispatchEvent(new Event("change", { bubbles: true }));
    free.focus();
    ownAuthor.parentElement.remove();
  } catch {
    status.textContent = gettext("The page was not created. Save your text, then try again.");
  }
});
