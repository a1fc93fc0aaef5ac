// When comments were written: recent ones say how long ago, and the bar above them how many are new since the last visit.
// Pages are cached and the same for all readers, so the server can render neither ages nor new comments.
const MINUTE = 60_000;
const UNITS = [
  ["day", 1440],
  ["hour", 60],
  ["minute", 1],
];
const RECENT = 7 * 1440;
const relative = new Intl.RelativeTimeFormat(document.documentElement.lang);

/** Write how long ago `time` was. The exact date is shown on hover and read by screen readers. */
function showAge(time) {
  const minutes = Math.floor((Date.now() - new Date(time.dateTime)) / MINUTE);
  if (!(minutes >= 0)) return;
  time.title ||= time.textContent;
  const exact = time.title;
  if (minutes >= RECENT) {
    time.textContent = exact;
    return;
  }
  const [unit, length] = UNITS.find(([, length]) => minutes >= length) ?? UNITS.at(-1);
  const hidden = document.createElement("span");
  hidden.className = "visually-hidden";
  hidden.textContent = `, ${exact}`;
  time.replaceChildren(relative.format(-Math.max(1, Math.floor(minutes / length)), unit), hidden);
}

const showAges = () => document.querySelectorAll(".comment__head time").forEach(showAge);
showAges();
setInterval(showAges, MINUTE);

// The time of the last visit and the number of comments then are stored in this browser only.
const bar = document.querySelector(".thread__bar[data-new]");
const key = `comments:${document.querySelector("[data-article]")?.dataset.article}`;

function load() {
  try {
    return JSON.parse(localStorage.getItem(key)) ?? {};
  } catch {
    return {};
  }
}

function save() {
  try {
    localStorage.setItem(key, JSON.stringify({ count: countNow(), time: new Date().toISOString() }));
  } catch {
    // Storage is full or blocked: nothing is marked as new.
  }
}

const countNow = () => Number(bar.querySelector("span").textContent.match(/\d+/)?.[0] ?? 0);

function markNew(since) {
  for (const time of document.querySelectorAll(".comment__head time")) {
    if (new Date(time.dateTime) > new Date(since)) time.closest(".comment").classList.add("comment--new");
  }
}

if (bar) {
  const { count, time } = load();
  const added = countNow() - count;
  if (added > 0) {
    const link = document.createElement("a");
    link.className = "thread__new";
    link.href = "?sort=newest#comments";
    link.textContent = bar.dataset.new.replace("%s", added);
    bar.firstElementChild.after(link);
    markNew(time);
  }
  save();
  // Comments that the reader has just written or loaded are not new at the next visit.
  document.addEventListener("comments:added", save);
}
document.addEventListener("comments:added", showAges);
