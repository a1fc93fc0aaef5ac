// Within the choice of the kind of change, the keys 1 to 6 choose and jump to the note for readers.
const group = document.querySelector("[data-change-kind]");
const kinds = [...group.querySelectorAll("input[type=radio]")];

group.addEventListener("keydown", (e) => {
  const kind = kinds[Number(e.key) - 1];
  if (!kind || e.ctrlKey || e.metaKey || e.altKey) return;
  e.preventDefault();
  kind.checked = true;
  document.querySelector("#id_note").focus();
});
