// Alt text, credit and focal point of an image in the text, saved in the library.
import { focalPoint } from "../media/focal-point.js";
import { hideNotice, showNotice } from "../shared/notices.js";
import { $, openDialog } from "./dialog.js";
import { announceImage, remember } from "./helpers.js";

const CONNECTION_ERROR = gettext("The library is not responding. Try again.");
const dialog = $("#image-details");
const form = $("form", dialog);
const box = $("[data-focal]", dialog);
const fields = ["alt", "credit", "focal_x", "focal_y"].map((name) => form.elements[name]);
const showFocalPoint = focalPoint(box, fields.slice(2));

/** Sends a request about the image. Returns the answer, or one that says why there is none. */
async function request(url, body) {
  try {
    const method = body ? "POST" : "GET";
    const response = await fetch(url, { method, body, headers: { Accept: "application/json" }, redirect: "manual" });
    return await response.json();
  } catch {
    return { says: CONNECTION_ERROR };
  }
}

function show({ image, reason = "", says = "", fields: values = {} }) {
  $("#image-details-title").textContent = image.title;
  if (image.large) Object.assign($("[data-details-image]", dialog), { src: image.large, alt: image.alt });
  box.hidden = !image.large;
  box.inert = Boolean(reason || says);
  $("[data-details-page]", dialog).href = image.page;
  $("[data-details-reason]", dialog).textContent = reason;
  $("[data-details-error]", dialog).textContent = says;
  $("[data-details-save]", dialog).hidden = Boolean(reason || says);
  for (const field of fields) {
    field.value = values[field.name] ?? "";
    field.disabled = Boolean(reason || says);
  }
  showFocalPoint();
}

async function save(image, close) {
  const body = new FormData(form);
  body.set("csrfmiddlewaretoken", $("[name=csrfmiddlewaretoken]").value);
  const { saved, outdated, publish, says } = await request(image.details, body);
  $("[data-details-error]", dialog).textContent = says ?? "";
  if (!saved) return;
  announceImage(remember(saved).uuid);
  close();
  const links = publish ? [[gettext("Publish updates"), publish]] : [];
  if (outdated) showNotice("image-saved", outdated, [...links, [gettext("Close"), () => hideNotice("image-saved")]]);
}

document.addEventListener("newsroom:image-details", async ({ detail: { image, done } }) => {
  const answer = await request(image.details);
  show({ image, ...answer });
  const close = openDialog(dialog, done);
  form.onsubmit = (e) => {
    e.preventDefault();
    save(image, close);
  };
  $("[data-details-close]", dialog).onclick = () => close(null);
});
