// Comfort on an article: passing it on, and where one is in a long text.
const address = document.querySelector("link[rel=canonical]")?.href ?? location.href;
const title = document.querySelector("h1")?.textContent.trim() ?? document.title;

const share = document.querySelector("[data-share]");
if (share && navigator.share) {
  share.closest("li").hidden = false;
  share.addEventListener("click", async () => {
    try {
      await navigator.share({ title, url: address });
    } catch {
      // They thought better of it.
    }
  });
}

const copy = document.querySelector("[data-copy]");
if (copy && navigator.clipboard) {
  const said = copy.nextElementSibling;
  copy.closest("li").hidden = false;
  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(address);
      said.textContent = "Copied.";
    } catch {
      said.textContent = "The browser does not allow it: take the address below.";
    }
  });
}

const nav = document.querySelector(".contents");
const fold = nav?.querySelector("details");
if (fold) {
  // Beside the text the list stands open whatever the fold says; then it shall say so.
  const beside = matchMedia("(min-width: 76rem)");
  const follow = () => (fold.open = beside.matches);
  beside.addEventListener("change", follow);
  follow();
}
const links = [...(nav?.querySelectorAll("a[href^='#']:not(.contents__top)") ?? [])];
const places = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);
function mark() {
  const here = places.findLast((place) => place.getBoundingClientRect().top < innerHeight * 0.3);
  for (const link of links) {
    if (here && link.hash.slice(1) === here.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  const current = nav.querySelector("[aria-current]");
  // The list itself scrolls, never the page.
  if (current) nav.scrollTop = Math.max(0, current.offsetTop - nav.clientHeight / 2);
}
if (places.length > 1) {
  const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -70% 0px" });
  for (const place of places) watch.observe(place);
}
