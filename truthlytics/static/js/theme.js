// Before the first paint: the theme that the reader chose, if any, and which faces are there already. Site and newsroom keep it under one name.
try {
  const kept = localStorage.getItem("theme");
  if (kept === "light" || kept === "dark") document.documentElement.dataset.theme = kept;
  // The first page on a telephone does without the faces that would come too late for it (comfort.js fetches them).
  if (!localStorage.getItem("faces") && matchMedia("(max-width: 48rem)").matches) document.documentElement.dataset.faces = "few";
} catch {
  // Storage is off: the system's choice holds.
}
