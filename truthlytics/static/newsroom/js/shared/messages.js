// A button on each message of the server that closes it. Without this script they stay.
const list = document.querySelector(".messagelist");

for (const message of list?.children ?? []) {
  const button = Object.assign(document.createElement("button"), {
    type: "button",
    className: "message-close",
    ariaLabel: interpolate(gettext("Close: %(message)s"), { message: message.textContent.trim() }, true),
  });
  button.addEventListener("click", () => {
    // Focus goes to the next message, or to the start of the content.
    const next = message.nextElementSibling ?? message.previousElementSibling;
    (next?.querySelector(".message-close") ?? document.querySelector("#content-start")).focus();
    message.remove();
    if (!list.children.length) list.remove();
  });
  message.append(button);
}
