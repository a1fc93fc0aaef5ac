// The session expired while the user was writing: refresh the CSRF token, or ask them to log in again in a pop-up.
const dialog = document.querySelector("#relogin");
const link = dialog.querySelector("[data-relogin]");
const status = dialog.querySelector("[data-relogin-status]");
let timer;
let retry = () => {};

const setTokens = (token) => {
  for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = token;
};

/** Returns whether `user` is logged in and, if so, refreshes the CSRF tokens; null without an answer. */
export async function isLoggedIn(url, user) {
  let response;
  try {
    response = await fetch(url, { headers: { Accept: "application/json" }, redirect: "manual", cache: "no-store" });
  } catch {
    return null;
  }
  if (response.status >= 500) return null;
  if (!response.ok) return false;
  const session = await response.json();
  const isOther = String(session.person) !== user;
  status.textContent = isOther
    ? interpolate(
        gettext("You are now logged in as %(name)s. Log in with the account you were writing with."),
        session,
        true,
      )
    : "";
  if (!isOther) setTokens(session.token);
  return !isOther;
}

/** Shows the dialog; `callback` runs whenever the user may have logged in again. */
export function askToLogIn(callback) {
  retry = callback;
  if (!dialog.open) dialog.showModal();
  clearInterval(timer);
  timer = setInterval(() => retry(), 3000);
}
export function closeDialog() {
  clearInterval(timer);
  status.textContent = "";
  if (dialog.open) dialog.close();
}
dialog.addEventListener("close", () => clearInterval(timer));
link.addEventListener("click", (e) => {
  if (open(link.href, link.target, "popup,width=480,height=720")) e.preventDefault();
});
new BroadcastChannel("newsroom-login").addEventListener("message", () => retry());
