// “Verify this article”: computes in the browser what the page claims, from the page of the article and the evidence
// that the site publishes. docs/record.md describes the digests, and https://c2sp.org the log and its signatures.

const section = document.querySelector("[data-verify]");
const button = section.querySelector("[data-check]");
const status = section.querySelector("[data-result]");
const utf8 = new TextEncoder();
const LOG_KEY = 1;

// --- Bytes ----------------------------------------------------------------------------------------------------------
const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const equal = (a, b) => toHex(a) === toHex(b);

function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

// The digest of a text, or of a list of strings and numbers as canonical JSON.
async function digestOf(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return toHex(await sha256(utf8.encode(text)));
}

// --- The text -------------------------------------------------------------------------------------------------------
const BLOCKS = "p, li, h2, h3, h4, td, th, dt, dd, blockquote, pre, figcaption";
// What the page has in addition to the text, and what the text has in place of it.
const ADDED = ".cite, .sidenote, figure, .gallery, .embed, .pullquote > footer, [role=doc-backlink]";
const REPLACED = "[data-footnote], figure, [data-gallery], [data-embed]";
// Notes of an import about images that it could not get are not shown (see articles/richtext/vocabulary.py).
const MISSING_IMAGE = "image not included";

function wordsIn(elements, without) {
  const texts = [];
  for (const element of elements) {
    const copy = element.cloneNode(true);
    for (const other of copy.querySelectorAll(without)) other.remove();
    for (const note of copy.querySelectorAll("em")) if (note.textContent.startsWith(MISSING_IMAGE)) note.remove();
    for (const block of copy.querySelectorAll(BLOCKS)) block.append(" ");
    texts.push(copy.textContent);
  }
  return texts.join(" ");
}

const parse = (html) => new DOMParser().parseFromString(html, "text/html");
const wordsOf = (html) => wordsIn([parse(html).body], REPLACED);
const notesOf = (html) => Array.from(parse(html).querySelectorAll("[data-footnote]"), (note) => note.dataset.footnote);
const ANSWERS = ["why_written", "how_known", "not_known", "interests", "ai_use"];

// For each type of item, the parts of its page with what its content has for them.
const withBody = (text) => [
  [".page-header__title", text.headline],
  [".page-header__standfirst", text.standfirst ?? ""],
  [".ruled > .prose, .prose--page", wordsOf(text.body)],
  [".endnotes li", notesOf(text.body).join(" ")],
];
const PARTS = {
  article: (text) => [
    ...withBody(text),
    [".how-we-know dd", ANSWERS.map((name) => text.how_we_know?.[name] ?? "").join(" ")],
  ],
  page: withBody,
  dossier: (text) => [
    [".page-header__title", text.title],
    [".dossier__summary", wordsOf(text.summary)],
    ["[aria-labelledby=so-far] .entry__description", text.entries.map((entry) => entry.text).join(" ")],
  ],
};

const squeeze = (text) => text.replace(/\s+/g, "");

// Return some words of `text` around its character with this number, not counting white space.
function around(text, number) {
  let [index, seen] = [0, 0];
  for (; index < text.length && seen < number; index++) if (/\S/.test(text[index])) seen++;
  const start = text.lastIndexOf(" ", Math.max(0, index - 30)) + 1;
  return `… ${text
    .slice(start, index + 60)
    .replace(/\s+/g, " ")
    .trim()} …`;
}

// Return the words of page and record where they differ first, or null. White space does not count.
function difference(page, record) {
  const [shown, recorded] = [squeeze(page), squeeze(record)];
  if (shown === recorded) return null;
  let index = 0;
  while (shown[index] === recorded[index]) index++;
  return [around(page, index), around(record, index)];
}

// --- The tree (RFC 9162, section 2.1.3.2) ---------------------------------------------------------------------------
const nodeHash = (left, right) => sha256([1], left, right);

// Return the root that `proof` leads to from the leaf with this hash, or null if the proof has another length.
async function rootOf(hash, index, size, proof) {
  let [position, last, result] = [index, size - 1, hash];
  const up = () => {
    position = Math.floor(position / 2);
    last = Math.floor(last / 2);
  };
  for (const sibling of proof) {
    if (last === 0) return null;
    if (position % 2 || position === last) {
      result = await nodeHash(sibling, result);
      while (position && position % 2 === 0) up();
    } else {
      result = await nodeHash(result, sibling);
    }
    up();
  }
  return last === 0 ? result : null;
}

// --- Signed notes ---------------------------------------------------------------------------------------------------
function parseNote(note) {
  const end = note.lastIndexOf("\n\n") + 1;
  const lines = note.slice(end + 1).split("\n");
  const signatures = lines.filter(Boolean).map((line) => {
    const [, name, data] = line.split(" ");
    return { name, data: fromBase64(data) };
  });
  const [origin, size, root] = note.slice(0, end).split("\n");
  return { text: note.slice(0, end), signatures, origin, size: Number(size), root: fromBase64(root) };
}

// Return whether the owner of the verifier key signed `note`. Throws if the browser does not know Ed25519.
async function hasSigned(verifierKey, note) {
  const [name, id, ...rest] = verifierKey.split("+");
  const data = fromBase64(rest.join("+"));
  const number = (await sha256(utf8.encode(`${name}\n`), data)).slice(0, 4);
  const key = await crypto.subtle.importKey("raw", data.slice(1), "Ed25519", false, ["verify"]);
  const signature = note.signatures.find((line) => line.name === name && equal(line.data.slice(0, 4), number));
  if (!signature || toHex(number) !== id) return false;
  let [signed, message] = [signature.data.slice(4), note.text];
  if (data[0] !== LOG_KEY) {
    // Witnesses sign the time as well: eight bytes before their signature.
    message = `cosignature/v1\ntime ${secondsOf(signature.data)}\n${note.text}`;
    signed = signed.slice(8);
  }
  return crypto.subtle.verify("Ed25519", key, signed, utf8.encode(message));
}

const secondsOf = (data) => new DataView(data.buffer, data.byteOffset).getBigUint64(4);

// --- The steps. Each returns the outcome for which the page has a sentence. -----------------------------------------
async function checkText({ version, page }, step) {
  if (version.removed !== undefined) return "unknown-removed";
  if (version.content === undefined) return "unknown";
  if ((await digestOf(version.content)) !== version.content_digest) return "failed";
  const shown = parse(await (await load(page)).text());
  const parts = PARTS[version.type](JSON.parse(version.content));
  const onPage = parts.map(([selector]) => wordsIn(shown.querySelectorAll(`main :is(${selector})`), ADDED));
  const found = difference(onPage.join(" "), parts.map(([, words]) => words).join(" "));
  if (!found) return "holds";
  for (const [number, place] of step.querySelectorAll("[data-difference]").entries()) place.textContent = found[number];
  return "failed-page";
}

async function checkVersion({ version, previous }) {
  const { uuid, number, correction } = version;
  const parts = [previous, uuid, number, version.public_from, version.created_at, version.note, version.content_digest];
  if (correction) {
    const change = [uuid, number, correction.kind, correction.made_at, correction.supersedes];
    if (correction.changed_facts) change.push(correction.changed_facts);
    if ((await digestOf(change)) !== correction.digest) return "failed";
    parts.push(correction.digest);
  }
  return (await digestOf(parts)) === version.digest ? "holds" : "failed";
}

async function checkLog({ version, entry, checkpoint }) {
  const leaf = JSON.parse(entry.leaf);
  for (const name of ["uuid", "number", "digest"]) if (leaf[name] !== version[name]) return "failed";
  if (leaf.kind !== "version" || leaf.item !== version.type) return "failed";
  const note = parseNote(checkpoint);
  const hash = await sha256([0], utf8.encode(entry.leaf));
  const root = await rootOf(hash, entry.index, note.size, entry.proof.map(fromBase64));
  return root && equal(root, note.root) ? "holds" : "failed-proof";
}

async function checkSignature({ checkpoint, key }) {
  try {
    return (await hasSigned(key, parseNote(checkpoint))) ? "holds" : "failed";
  } catch (error) {
    if (error.name === "NotSupportedError") return "unknown";
    throw error;
  }
}

async function checkWitnesses({ checkpoint, witnesses }, step) {
  if (!witnesses.length) return "none";
  const outcomes = [];
  for (const witness of witnesses) outcomes.push(await checkSignature({ checkpoint, key: witness.key }));
  const worst = ["failed", "unknown", "holds"].find((outcome) => outcomes.includes(outcome));
  const names = witnesses.filter((_witness, number) => outcomes[number] === worst).map((witness) => witness.name);
  for (const place of step.querySelectorAll("[data-witnesses]")) place.textContent = names.join(", ");
  return worst;
}

const STEPS = {
  text: checkText,
  version: checkVersion,
  log: checkLog,
  signature: checkSignature,
  witnesses: checkWitnesses,
};

// --- The page -------------------------------------------------------------------------------------------------------
async function load(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}

function show(step, outcome) {
  step.dataset.outcome = outcome.split("-")[0];
  for (const sentence of step.querySelectorAll("[data-when]")) sentence.hidden = sentence.dataset.when !== outcome;
}

function finish(outcome) {
  status.dataset.outcome = outcome;
  status.textContent = section.querySelector(`[data-results] [data-when=${outcome}]`).textContent.trim();
}

// Check one step after the other, up to the first that fails. Returns the outcome of all.
async function checkAll() {
  const evidence = await (await load(section.dataset.verify)).json();
  let result = "holds";
  for (const [name, check] of Object.entries(STEPS)) {
    const step = section.querySelector(`[data-step=${name}]`);
    const outcome = await check(evidence, step);
    show(step, outcome);
    if (outcome.startsWith("failed")) return "failed";
    if (outcome.startsWith("unknown")) result = "partly";
  }
  return result;
}

async function run() {
  button.setAttribute("aria-disabled", "true");
  for (const step of section.querySelectorAll("[data-step]")) show(step, "");
  finish("running");
  try {
    finish(crypto.subtle ? await checkAll() : "insecure");
  } catch {
    finish("error");
  }
  button.removeAttribute("aria-disabled");
}

if (button) {
  button.hidden = false;
  section.querySelector("[data-without-script]").hidden = true;
  button.addEventListener("click", () => button.ariaDisabled === "true" || run());
}
