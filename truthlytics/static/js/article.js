// Progressive enhancement for articles: share buttons, the table of contents, reports of errors, and comments.
import "./comment-times.js";

const url =
  document.querySelector(".share")?.dataset.address ??
  document.querySelector("link[rel=canonical]")?.href ??
  location.href;
const title = document.querySelector("h1")?.textContent.trim() ?? document.title;

const shareButton = document.querySelector("[data-share]");
if (shareButton && navigator.share) {
  shareButton.closest("li").hidden = false;
  shareButton.addEventListener("click", async () => {
    try {
      await navigator.share({ title, url });
    } catch {
      // The reader cancelled.
    }
  });
}

const copyButton = document.querySelector("[data-copy]");
if (copyButton && navigator.clipboard) {
  const [label, status] = [copyButton.querySelector("span"), copyButton.nextElementSibling];
  const copyLabel = label.textContent;
  copyButton.closest("li").hidden = false;
  copyButton.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(url);
      label.textContent = copyButton.dataset.copied;
      copyButton.addEventListener(
        "blur",
        () => {
          label.textContent = copyLabel;
        },
        { once: true },
      );
    } catch {
      status.textContent = copyButton.dataset.blocked;
    }
  });
}

const nav = document.querySelector(".contents");
const details = nav?.querySelector("details");
if (details) {
  // In the sidebar CSS always shows the list, so keep the open state in sync for assistive technology.
  const sidebar = matchMedia("(min-width: 76rem)");
  const syncOpen = () => {
    details.open = sidebar.matches;
  };
  sidebar.addEventListener("change", syncOpen);
  syncOpen();
}
const links = [...(nav?.querySelectorAll("a[href^='#']:not(.contents__top)") ?? [])];
const targets = links.map((link) => document.getElementById(link.hash.slice(1))).filter(Boolean);
function markCurrent() {
  const current = targets.findLast((target) => target.getBoundingClientRect().top < innerHeight * 0.3);
  for (const link of links) {
    if (current && link.hash.slice(1) === current.id) link.setAttribute("aria-current", "location");
    else link.removeAttribute("aria-current");
  }
  const currentLink = nav.querySelector("[aria-current]");
  // Scroll only the list, never the page.
  if (currentLink) nav.scrollTop = Math.max(0, currentLink.offsetTop - nav.clientHeight / 2);
}
if (targets.length > 1) {
  const observer = new IntersectionObserver(markCurrent, { rootMargin: "0px 0px -70% 0px" });
  for (const target of targets) observer.observe(target);
}

// A report of an error quotes the selected text. The module is loaded when text is first selected.
const reportLink = document.querySelector("[data-report]");
if (reportLink) {
  document.addEventListener("selectionchange", async () => (await import("./passage.js")).followSelection(reportLink), {
    once: true,
  });
}

// A saved article is continued where it was left.
if (document.querySelector("[data-saved]")) import("./reading-position.js");

// Count that the middle of the text was seen for two seconds. Nothing is sent about the reader.
const read = document.querySelector("[data-read]");
const parts = read?.querySelectorAll(".ruled > .prose > *") ?? [];
if (parts.length) {
  const middle = parts[parts.length >> 1];
  let seen = 0;
  const timer = setInterval(() => {
    const { top, bottom } = middle.getBoundingClientRect();
    seen = !document.hidden && top < innerHeight && bottom > 0 ? seen + 1 : 0;
    if (seen < 3) return;
    clearInterval(timer);
    const from = document.referrer && new URL(document.referrer).host;
    navigator.sendBeacon(`/read?id=${read.dataset.article}&r=${from}&${location.search.slice(1, 600)}`);
  }, 1000);
}

// Show the message about a comment that was just posted inside that comment.
const messages = document.querySelector(".messages");
const posted = document.getElementById(location.hash.slice(1));
if (messages && posted?.matches(".comment")) posted.prepend(messages);
