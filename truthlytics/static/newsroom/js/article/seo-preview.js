// Live preview of the article in search results and on social cards.
const preview = document.querySelector("[data-seo-preview]");
const form = preview.closest("form");
const field = (name) => form.elements[name];
const setText = (name, text) => {
  preview.querySelector(`[data-seo-${name}]`).textContent = text;
};
const VISIBLE_LENGTH = { title: 60, description: 155 };

/** As in the page's head: the fields for search engines, else headline and standfirst. */
function metadata() {
  const title = field("seo_title").value.trim() || field("headline").value.trim() || gettext("Headline");
  const description = field("seo_description").value.trim() || field("standfirst").value.trim();
  return { title, description };
}
const truncate = (text, length) => (text.length <= length ? text : `${text.slice(0, length).replace(/\s+\S*$/, "")} …`);
const slug = () =>
  field("slug").value.trim() ||
  field("headline")
    .value.toLowerCase()
    .normalize("NFKD")
    .replace(/[^a-z0-9]+/g, "-")
    .replace(/^-|-$/g, "") ||
  "…";

function update() {
  const { title, description } = metadata();
  setText("url", slug());
  setText("title", truncate(title, VISIBLE_LENGTH.title + 10));
  setText(
    "description",
    truncate(description, VISIBLE_LENGTH.description) || gettext("Search engines will choose an excerpt."),
  );
  setText("social-title", field("social_title").value.trim() || field("headline").value.trim() || gettext("Headline"));
  setText("social-description", truncate(description, 110));
  const titleHint =
    title.length > VISIBLE_LENGTH.title
      ? interpolate(
          gettext("Title: %(length)s characters; search engines show about %(visible)s."),
          { length: title.length, visible: VISIBLE_LENGTH.title },
          true,
        )
      : "";
  const descriptionHint =
    description.length > VISIBLE_LENGTH.description
      ? interpolate(
          gettext("Description: %(length)s characters; search engines show about %(visible)s."),
          { length: description.length, visible: VISIBLE_LENGTH.description },
          true,
        )
      : "";
  setText("hint", [titleHint, descriptionHint].filter(Boolean).join(" "));
}
function updateImage() {
  const shown = ["social_image", "lead"]
    .map((name) => field(name).closest("[data-image-choice]").querySelector(".side-panel__image"))
    .find(Boolean);
  const image = preview.querySelector("[data-seo-image]");
  image.src = shown?.src || preview.dataset.defaultImage;
  image.style.objectPosition = shown?.dataset.focal ?? "";
}

preview.hidden = false;
form.addEventListener("input", update);
for (const name of ["lead", "social_image"]) field(name).addEventListener("change", () => setTimeout(updateImage));
update();
updateImage();
