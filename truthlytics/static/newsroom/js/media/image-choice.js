// The choice of an image: a thumbnail with buttons that open the library, in place of a select of the newest images.
import { announceImage, hasSize, loadImage } from "../editor/helpers.js";

const RETRY_DELAY = 3000;
const MAX_RETRIES = 40;
const $ = (selector, root = document) => root.querySelector(selector);

/** Enhances all choices of the page. `known` are the images of the page by UUID. */
export function enhanceImageChoices(known) {
  const imagesByPk = Object.fromEntries(Object.values(known).map((image) => [image.pk, image]));
  for (const choice of document.querySelectorAll("[data-image-choice]")) enhance(choice, imagesByPk);
}

function enhance(choice, imagesByPk) {
  const select = $("select", choice);
  const name = $("[data-image-name]", choice);
  const pickButton = $("[data-image-pick]", choice);
  const removeButton = $("[data-image-remove]", choice);
  const label = $("[data-image-label]", choice).textContent;
  const preview = Object.assign(new Image(), { className: "side-panel__image" });
  const choose = (value) => {
    select.value = value;
    select.dispatchEvent(new Event("change", { bubbles: true }));
  };
  const show = () => {
    const image = imagesByPk[select.value];
    const isChosen = select.value !== "";
    preview.remove();
    if (image?.large) {
      Object.assign(preview, { src: image.large, alt: image.alt });
      preview.dataset.focal = image.focal;
      name.before(preview);
    }
    name.hidden = !isChosen;
    name.textContent = isChosen ? (image?.title ?? select.selectedOptions[0]?.text) : "";
    if (image && !image.large)
      name.append(` ${image.sizes === "failed" ? gettext("(could not be processed)") : gettext("(processing)")}`);
    removeButton.hidden = !isChosen;
    pickButton.textContent = isChosen ? pickButton.dataset.replace : pickButton.dataset.choose;
    pickButton.ariaLabel = `${pickButton.textContent}: ${label}`;
  };
  /** Shows the image, and asks for it again until a size of it is made. */
  const waitForSize = async (image, retries = 0) => {
    if (!image || hasSize(image) || select.value !== String(image.pk)) return;
    await new Promise((done) => setTimeout(done, RETRY_DELAY));
    const current = (await loadImage(image.uuid)) ?? image;
    imagesByPk[image.pk] = current;
    if (hasSize(current)) announceImage(image.uuid);
    else if (retries < MAX_RETRIES) waitForSize(current, retries + 1);
    show();
  };
  // Links to the field lead to the button.
  const { id } = select;
  const describedBy = select.getAttribute("aria-describedby");
  select.removeAttribute("id");
  pickButton.id = id;
  if (describedBy) {
    select.removeAttribute("aria-describedby");
    pickButton.setAttribute("aria-describedby", describedBy);
  }
  select.hidden = true;
  $("[data-image-buttons]", choice).hidden = false;
  removeButton.ariaLabel = `${removeButton.textContent}: ${label}`;
  removeButton.addEventListener("click", () => {
    choose("");
    pickButton.focus();
  });
  pickButton.addEventListener("click", () => {
    const done = (image) => {
      if (!image) return;
      imagesByPk[image.pk] = image;
      if (![...select.options].some((option) => option.value === String(image.pk)))
        select.add(new Option(image.title, image.pk));
      choose(image.pk);
      waitForSize(image);
    };
    document.dispatchEvent(new CustomEvent("newsroom:pick", { detail: { done } }));
  });
  select.addEventListener("change", show);
  show();
  waitForSize(imagesByPk[select.value]);
}
