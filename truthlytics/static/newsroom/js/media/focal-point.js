// Focal point of an image, set by click, drag or arrow keys; two number fields store it.
const STEPS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const clamp = (value) => Math.max(0, Math.min(100, Math.round(value)));

/**
 * Adds the dot to `box`, which holds an image. `fields` are the inputs of the percentages from the left and the top,
 * `crops` images that preview it. Returns a function that shows new values of the fields.
 */
export function focalPoint(box, fields, crops = []) {
  const image = box.querySelector("img");
  const dot = Object.assign(document.createElement("button"), { type: "button", className: "focal__dot" });
  const status = Object.assign(document.createElement("span"), { className: "visually-hidden", role: "status" });
  const position = () => fields.map((field) => clamp(field.value === "" ? 50 : Number(field.value) || 0));

  function render() {
    const [x, y] = position();
    dot.style.left = `${x}%`;
    dot.style.top = `${y}%`;
    dot.setAttribute(
      "aria-label",
      interpolate(
        gettext("Focal point: %(x)s percent from the left, %(y)s percent from the top. Use the arrow keys to move it."),
        { x, y },
        true,
      ),
    );
    for (const crop of crops) crop.style.objectPosition = `${x}% ${y}%`;
  }
  function setPosition(x, y) {
    for (const [i, value] of [x, y].entries()) fields[i].value = clamp(value);
    render();
  }
  function moveToPointer(e) {
    const { left, top, width, height } = image.getBoundingClientRect();
    setPosition((100 * (e.clientX - left)) / width, (100 * (e.clientY - top)) / height);
  }

  box.dataset.enhanced = "";
  box.append(dot, status);
  image.draggable = false;
  image.addEventListener("click", (e) => {
    if (fields[0].disabled) return;
    moveToPointer(e);
    dot.focus();
  });
  dot.addEventListener("pointerdown", (e) => dot.setPointerCapture(e.pointerId));
  dot.addEventListener("pointermove", (e) => {
    if (dot.hasPointerCapture(e.pointerId)) moveToPointer(e);
  });
  dot.addEventListener("keydown", (e) => {
    const step = STEPS[e.key];
    if (!step) return;
    e.preventDefault();
    const [x, y] = position();
    const distance = e.shiftKey ? 10 : 1;
    setPosition(x + distance * step[0], y + distance * step[1]);
    status.textContent = interpolate(gettext("%s percent from the left, %s percent from the top"), position());
  });
  for (const field of fields) field.addEventListener("input", render);
  render();
  return render;
}
