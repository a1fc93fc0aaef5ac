// Sends the files of an export in parts before the form is submitted. After an interruption it goes on by itself, and
// after a reload when the same file is chosen again, because the server knows how much it has.
const form = document.querySelector("[data-import-upload]");
const input = form.querySelector("input[type=file]");
const state = form.querySelector("[data-import-state]");
const button = form.querySelector("button[type=submit]");
const token = form.querySelector("[name=csrfmiddlewaretoken]").value;
const { maxSize, partSize, uploading, retrying, failed, tooLarge, loggedOut } = form.dataset;
const FIRST_DELAY = 1000;
const LONGEST_DELAY = 30_000;

class Refused extends Error {}

const fill = (text, values) =>
  Object.entries(values).reduce((all, [name, value]) => all.replace(`{${name}}`, value), text);
const wait = (milliseconds) => new Promise((done) => setTimeout(done, milliseconds));

function show(text, percent) {
  state.hidden = false;
  state.querySelector("span").textContent = text;
  state.querySelector("progress").hidden = percent === undefined;
  if (percent !== undefined) state.querySelector("progress").value = percent;
}

function showProgress(file, received) {
  const percent = Math.floor((100 * received) / file.size);
  show(fill(uploading, { name: file.name, done: `${percent}\u00a0%` }), percent);
}

async function send(url, options) {
  const response = await fetch(url, {
    ...options,
    headers: { "X-CSRFToken": token, Accept: "application/json", ...options.headers },
  });
  if (response.status >= 500) throw new TypeError("The server failed.");
  const isJson = response.headers.get("Content-Type")?.startsWith("application/json");
  if (!isJson) throw new Refused(loggedOut);
  const answer = await response.json();
  // 409: the answer says where to go on.
  if (!response.ok && response.status !== 409) throw new Refused(answer.error);
  return answer;
}

// Repeats what fails because the connection is interrupted.
async function insist(action) {
  for (let delay = FIRST_DELAY; ; delay = Math.min(2 * delay, LONGEST_DELAY)) {
    try {
      return await action();
    } catch (error) {
      if (error instanceof Refused) throw error;
      show(retrying);
      await wait(delay);
    }
  }
}

async function upload(file) {
  if (file.size > Number(maxSize)) throw new Refused(tooLarge);
  const body = new FormData();
  body.set("name", file.name);
  body.set("size", file.size);
  let answer = await insist(() => send(form.dataset.importUpload, { method: "POST", body }));
  while (answer.received < file.size) {
    showProgress(file, answer.received);
    const { received } = answer;
    const part = file.slice(received, received + Number(partSize));
    const url = `${answer.url}?offset=${received}&length=${part.size}`;
    answer = await insist(() =>
      send(url, { method: "POST", body: part, headers: { "Content-Type": "application/octet-stream" } }),
    );
  }
  return answer.id;
}

function choose(id) {
  const field = document.createElement("input");
  Object.assign(field, { type: "hidden", name: "uploads", value: id });
  form.append(field);
}

form.addEventListener("submit", async (event) => {
  if (!input.files.length) return;
  event.preventDefault();
  button.disabled = true;
  let current;
  try {
    for (current of [...input.files]) choose(await upload(current));
    input.value = "";
    showProgress(current, current.size);
    form.submit();
  } catch (error) {
    show(fill(failed, { name: current.name, error: error.message }));
    button.disabled = false;
  }
});
