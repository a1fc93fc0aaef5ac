// Before the first paint: the theme that the reader chose, if any. Site and newsroom keep it under one name.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
} catch {
  // Storage is off: the system's choice holds.
}
