// Keeps how far saved articles were read, in this browser only, and offers to continue there.
const KEY = "reading-positions";
const MAX_ARTICLES = 100;
const [STARTED, FINISHED] = [0.05, 0.95];
const CONTINUE = "#continue";

function stored() {
  try {
    return JSON.parse(localStorage.getItem(KEY)) ?? {};
  } catch {
    return {}; // Storage is blocked.
  }
}

function label(template, share) {
  const percent = new Intl.NumberFormat(document.documentElement.lang, { style: "percent" });
  return template.replace("{percent}", percent.format(share));
}

// The list of saved articles: the line with the reading time becomes a link.
const positions = stored();
for (const line of document.querySelectorAll("[data-position-of]")) {
  const share = positions[line.dataset.positionOf];
  if (!share) continue;
  const link = document.createElement("a");
  link.href = line.dataset.url + CONTINUE;
  link.textContent = label(line.dataset.continue, share);
  line.replaceChildren(link);
}

// A saved article. The position is the share of the text above the middle of the window.
const saved = document.querySelector("[data-saved]");
const text = document.querySelector(".article .ruled");
if (saved && text) {
  const slug = saved.dataset.saved;
  const share = () => (innerHeight / 2 - text.getBoundingClientRect().top) / text.offsetHeight;
  const goTo = (position) =>
    scrollTo({ top: scrollY + text.getBoundingClientRect().top + position * text.offsetHeight - innerHeight / 2 });

  const keep = () => {
    const { [slug]: _, ...others } = stored();
    const position = share();
    if (position < STARTED) return;
    const newest = Object.entries(others).slice(1 - MAX_ARTICLES);
    if (position < FINISHED) newest.push([slug, Number(position.toFixed(3))]);
    try {
      localStorage.setItem(KEY, JSON.stringify(Object.fromEntries(newest)));
    } catch {
      // Storage is blocked or full.
    }
  };

  const position = positions[slug];
  if (position && location.hash === CONTINUE) goTo(position);
  else if (position && share() < STARTED) offer(position);

  // Only those who scroll have read on.
  const follow = () => document.addEventListener("visibilitychange", () => document.hidden && keep());
  addEventListener("scroll", follow, { once: true });

  function offer(position) {
    const note = document.createElement("p");
    const link = document.createElement("a");
    note.className = "continue-reading";
    link.href = CONTINUE;
    link.textContent = label(saved.dataset.continue, position);
    link.addEventListener("click", (event) => {
      event.preventDefault();
      goTo(position);
    });
    note.append(link);
    document.querySelector("main").append(note);
    const hide = () => {
      if (share() < STARTED) return;
      note.remove();
      removeEventListener("scroll", hide);
    };
    addEventListener("scroll", hide);
  }
}
