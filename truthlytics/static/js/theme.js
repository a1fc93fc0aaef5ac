// Runs before the first paint: applies the chosen theme and text size, and defers the italics. Shared by the site and the newsroom.
try {
  const theme = localStorage.getItem("theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  const textSize = localStorage.getItem("text-size");
  if (textSize === "large" || textSize === "largest") document.documentElement.dataset.textSize = textSize;
  // On a phone's first page, italics that would arrive too late are replaced by a fallback; site.js loads them afterwards.
  if (!localStorage.getItem("fonts") && matchMedia("(max-width: 48rem)").matches)
    document.documentElement.dataset.fonts = "deferred";
} catch {
  // Storage is blocked: use the system theme.
}
