// Fills the title of an upload from the name of the chosen file, until somebody has typed one.
const title = document.querySelector("#id_title");
let filled = "";
document.querySelector("#id_file").addEventListener("change", (e) => {
  const name = e.target.files[0]?.name;
  if (!name || title.value !== filled) return;
  filled = name
    .replace(/\.[^.]*$/, "")
    .replaceAll("_", " ")
    .slice(0, title.maxLength);
  title.value = filled;
});
