// How a search engine and a shared link will show the piece, while it is written.
const card = document.querySelector("[data-card]")
const form = card.closest("form")
const field = (name) => form.elements[name]
const say = (name, text) => { card.querySelector(`[data-card-${name}]`).textContent = text }
const BEST = { title: 60, description: 155 }

/** As the page's own head says it: what was written for search engines, else headline and standfirst. */
function words() {
  const title = field("seo_title").value.trim() || field("headline").value.trim() || "The headline"
  const description = field("seo_description").value.trim() || field("standfirst").value.trim()
  return { title, description }
}
const short = (text, most) => (text.length <= most ? text : `${text.slice(0, most).replace(/\s+\S*$/, "")} …`)
const slug = () => field("slug").value.trim() || field("headline").value.toLowerCase().normalize("NFKD").replace(/[^a-z0-9]+/g, "-").replace(/^-|-$/g, "") || "…"

function draw() {
  const { title, description } = words()
  say("address", slug())
  say("title", short(title, BEST.title + 10))
  say("description", short(description, BEST.description) || "Search engines will choose an excerpt.")
  say("shared", title)
  say("told", short(description, 110))
  const long = title.length > BEST.title ? `Title: ${title.length} characters; search engines show about ${BEST.title}.` : ""
  const wide = description.length > BEST.description ? `Description: ${description.length} characters; search engines show about ${BEST.description}.` : ""
  say("hint", [long, wide].filter(Boolean).join(" "))
}
function picture() {
  const shown = document.querySelector(".side__lead")
  const image = card.querySelector("[data-card-picture]")
  image.src = shown?.src || card.dataset.picture
  image.style.objectPosition = shown?.dataset.focal ?? ""
}

card.hidden = false
form.addEventListener("input", draw)
field("lead").addEventListener("change", () => setTimeout(picture))
draw()
picture()
