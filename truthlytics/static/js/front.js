// Says how many articles are new since the reader's last visit. The time of visits is kept in this browser only.
const PAUSE = 30 * 60 * 1000; // Without a front page for so long, a visit has ended.
const DAY = 24 * 60 * 60 * 1000;

const line = document.querySelector("[data-published]");
if (line) {
  try {
    const now = Date.now();
    const { seen, since } = JSON.parse(localStorage.getItem("visit")) ?? {};
    const last = now - seen > PAUSE ? seen : since;
    localStorage.setItem("visit", JSON.stringify({ seen: now, since: last }));
    if (last) show(new Date(last), new Date(now));
  } catch {
    // Storage is blocked: there is no last visit.
  }
}

function show(last, now) {
  const { published, one, other, more, on, today } = line.dataset;
  const times = published.split(" ");
  const count = times.filter((seconds) => seconds * 1000 > last).length;
  if (!count) return;
  const options = now - last < 6 * DAY ? { weekday: "long" } : { day: "numeric", month: "long" };
  const day = new Intl.DateTimeFormat(document.documentElement.lang, options).format(last);
  const when = last.toDateString() === now.toDateString() ? today : on.replace("{day}", day);
  const text = count === times.length && count > 1 ? more : count === 1 ? one : other;
  line.querySelector("a").textContent = text.replace("{n}", count).replace("{when}", when);
  line.hidden = false;
}
