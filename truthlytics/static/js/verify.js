// “Verify this article”: computes in the browser what the page claims, from the page of the article and the evidence
// that the site publishes. docs/record.md describes the digests, and https://c2sp.org the log and its signatures.
import { Ledger, seconds } from "./record-rules.js";
import { dateProblem, difference, Page, parse } from "./record-words.js";

const section = document.querySelector("[data-verify]");
const button = section.querySelector("[data-check]");
const status = section.querySelector("[data-result]");
const utf8 = new TextEncoder();
const LOG_KEY = 1;
// Entries of a full bundle, and of the largest log that is read as a whole.
const [TILE, MOST_ENTRIES] = [256, 20_000];
// What was read of the log.
const state = {};

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

// --- The log --------------------------------------------------------------------------------------------------------
async function treeRoot(hashes) {
  let level = hashes;
  if (!level.length) return sha256();
  while (level.length > 1) {
    const pairs = [];
    for (let i = 0; i + 1 < level.length; i += 2) pairs.push(nodeHash(level[i], level[i + 1]));
    level = [...(await Promise.all(pairs)), ...level.slice(pairs.length * 2)];
  }
  return level[0];
}

function bundleAddress(index, width) {
  const groups = [];
  for (let rest = index, first = true; first || rest; rest = Math.floor(rest / 1000), first = false) {
    groups.unshift(String(rest % 1000).padStart(3, "0"));
  }
  const path = groups.map((group, number) => (number < groups.length - 1 ? `x${group}` : group)).join("/");
  return `tile/entries/${path}${width === TILE ? "" : `.p/${width}`}`;
}

function leavesIn(bundle) {
  const leaves = [];
  for (let start = 0; start < bundle.length; ) {
    const end = start + 2 + bundle[start] * 256 + bundle[start + 1];
    leaves.push(bundle.slice(start + 2, end));
    start = end;
  }
  return leaves;
}

// Read a log with all its entries: its newest signed state, their hashes, and what they say.
async function readLog(described, former) {
  const address = `${new URL(described.address).pathname.replace(/\/$/, "")}/`;
  const note = parseNote(await (await load(`${address}checkpoint`)).text());
  if (note.size > MOST_ENTRIES) return { note, tooLarge: true };
  const ledger = new Ledger(note.origin, described.keys[0].key, former?.ledger);
  const leaves = [];
  for (let start = 0; start < note.size; start += TILE) {
    const width = Math.min(TILE, note.size - start);
    const response = await load(address + bundleAddress(start / TILE, width));
    leaves.push(...leavesIn(new Uint8Array(await response.arrayBuffer())));
  }
  const text = new TextDecoder();
  for (const leaf of leaves) ledger.add(text.decode(leaf));
  const hashes = await Promise.all(leaves.map((leaf) => sha256([0], leaf)));
  const fits = equal(await treeRoot(hashes), note.root);
  return { note, ledger, hashes, fits, faults: [...ledger.finish(), ...(await wrongKeys(ledger))], described };
}

// Return faults for the new keys that the one before did not sign.
async function wrongKeys(ledger) {
  const faults = [];
  for (const { old, key, signature, position } of ledger.handovers) {
    const text = `${ledger.origin}\nkey ${key}\n`;
    const signatures = [{ name: old.split("+")[0], data: fromBase64(signature) }];
    try {
      if (!(await hasSigned(old, { text, signatures }))) faults.push({ rule: "key", position });
    } catch (error) {
      // The step of the signature says that the browser does not know this kind.
      if (error.name !== "NotSupportedError") faults.push({ rule: "key", position });
    }
  }
  return faults;
}

// Read the current log and those that it continues. Returns the current one; `known` are all.
async function readLogs({ log }) {
  const known = [];
  for (const described of [...log.earlier, log]) known.push(await readLog(described, known.at(-1)));
  return { ...known.at(-1), known };
}

// Return whether a log began with the state in a note.
async function beganWith(log, note) {
  return note.size <= log.hashes.length && equal(await treeRoot(log.hashes.slice(0, note.size)), note.root);
}

// --- The steps. Each returns the outcome for which the page has a sentence. -----------------------------------------
async function checkText({ version, page, history }, step) {
  const shown = new Page(parse(await (await load(page)).text()).querySelector("main"));
  const isOld = /\/versions\/\d+\/$/.test(page);
  const places = step.querySelectorAll("[data-difference]");
  const differs = (found) => {
    for (const [number, place] of places.entries()) place.textContent = found[number];
    return "failed-page";
  };
  const dated = history.filter((one) => one.public_from !== undefined);
  const dates = isOld ? null : dateProblem(version.type, shown, dated);
  if (dates) return differs(dates);
  if (version.removed !== undefined) return "unknown-removed";
  if (version.content === undefined) return "unknown";
  const digest = await digestOf(version.content);
  if (version.free === undefined) {
    if (digest !== version.content_digest) return "failed";
  } else if ((await digestOf(version.free)) !== version.content_digest || JSON.parse(version.free).whole !== digest) {
    return "failed";
  }
  const content = JSON.parse(version.content);
  if (content.uuid !== version.uuid) return "failed";
  const found = difference(version.type, content, shown);
  if (found) return differs(found);
  const file = await replacedFile(shown.images);
  return file ? differs([file, ""]) : "holds";
}

// Return the address of the first image file that is another one than its name, which is its digest, says; or "".
async function replacedFile(addresses) {
  for (const address of addresses) {
    const [, name] = address.match(/\/([0-9a-f]{64})\.\w+$/) ?? [];
    if (!name) continue;
    const file = new Uint8Array(await (await load(address)).arrayBuffer());
    if (toHex(await sha256(file)) !== name) return address;
  }
  return "";
}

// Check the digests of all versions of the item, each of which contains that of the one before.
async function checkVersion({ version, history }) {
  let previous = "";
  for (const [index, one] of history.entries()) {
    if (one.number !== index + 1) return "failed";
    if (one.content_digest !== undefined && !(await hasDigest(one, previous))) return "failed";
    previous = one.digest;
  }
  const own = history[version.number - 1];
  const names = ["uuid", "type", "digest", "content_digest", "public_from", "created_at", "note"];
  return own && names.every((name) => own[name] === version[name]) ? "holds" : "failed";
}

async function hasDigest(version, previous) {
  const { uuid, number, correction } = version;
  const parts = [previous, uuid, number, version.public_from, version.created_at, version.note, version.content_digest];
  if (correction) {
    const change = [uuid, number, correction.kind, correction.made_at, correction.supersedes];
    if (correction.changed_facts) change.push(correction.changed_facts);
    if ((await digestOf(change)) !== correction.digest) return false;
    parts.push(correction.digest);
  }
  return (await digestOf(parts)) === version.digest;
}

async function checkLog({ version, history, entry, checkpoint, log }, step) {
  const note = parseNote(checkpoint);
  const leaf = JSON.parse(entry.leaf);
  for (const name of ["uuid", "number", "digest"]) if (leaf[name] !== version[name]) return "failed";
  if (leaf.kind !== "version" || leaf.item !== version.type || leaf.time !== version.public_from) return "failed";
  const hash = await sha256([0], utf8.encode(entry.leaf));
  const root = await rootOf(hash, entry.index, note.size, entry.proof.map(fromBase64));
  if (!root || !equal(root, note.root)) return "failed-proof";
  const read = await readLogs({ log });
  if (read.known.some((one) => one.tooLarge)) return "unknown-large";
  if (read.known.some((one) => !one.fits) || !(await beganWith(read, note))) return "failed-proof";
  const fault = read.known.flatMap((one) => one.faults)[0];
  if (fault) return refuse(step, fault);
  const problem = comparison(version, history, read.ledger);
  if (problem) return problem;
  state.log = read;
  count(read.known, step);
  const logged = read.ledger.versions.get(`${version.uuid} ${version.number}`);
  return logged.native ? "holds" : "holds-imported";
}

// Show how many entries of each log say that something was removed, withdrawn, imported and the like.
function count(logs, step) {
  const template = step.querySelector("[data-counts-of-log]");
  const shown = logs.filter(({ ledger }) => Object.values(ledger.counts()).some(Boolean));
  const lists = shown.map(({ ledger }) => {
    const list = template.content.cloneNode(true);
    list.querySelector("[data-origin]").textContent = ledger.origin;
    for (const [kind, number] of Object.entries(ledger.counts())) {
      const place = list.querySelector(`[data-count=${kind}]`);
      place.textContent = number;
      place.parentElement.hidden = !number;
    }
    return list;
  });
  step.querySelector("[data-counts]").replaceChildren(...lists);
}

function refuse(step, { rule, position }) {
  for (const place of step.querySelectorAll("[data-entry]")) place.textContent = position;
  for (const text of step.querySelectorAll("[data-rule]")) text.hidden = text.dataset.rule !== rule;
  return "failed-rule";
}

// Compare the versions that the site gives of the item with those in the log. Returns an outcome, or "".
function comparison(version, history, ledger) {
  const numbers = ledger.items.get(version.uuid)?.numbers ?? [];
  const dated = history.filter((one) => one.public_from !== undefined);
  if (numbers.join() !== dated.map((one) => one.number).join()) return "failed-versions";
  for (const one of dated) {
    const key = `${one.uuid} ${one.number}`;
    const logged = ledger.versions.get(key);
    const isRemoved = one.removed !== undefined;
    if (logged.digest !== one.digest || logged.item !== one.type || ledger.deletions.has(key)) return "failed-versions";
    if (logged.time !== seconds(one.public_from)) return "failed-date";
    if (logged.native && seconds(one.created_at) > logged.time + 3600) return "failed-date";
    if ((ledger.corrections.get(key) ?? "") !== (one.correction?.digest ?? "")) return "failed-versions";
    if (ledger.removals.has(key) !== isRemoved) return "failed-versions";
  }
  const shown = section.dataset.number;
  const wanted = shown ? dated[Number(shown) - 1] : dated.at(-1);
  return wanted?.number === version.number ? "" : "failed-newest";
}

async function checkSignature({ checkpoint, key, log }) {
  try {
    const note = parseNote(checkpoint);
    const used = log.keys.filter((one) => one.from_size <= note.size).at(-1).key;
    if (key !== used || !(await hasSigned(key, note))) return "failed";
    for (const read of state.log?.known ?? []) {
      const [newest] = read.ledger.keys.filter(([, size]) => size <= read.note.size).slice(-1);
      if (!(await hasSigned(newest[0], read.note))) return "failed";
    }
    return "holds";
  } catch (error) {
    if (error.name === "NotSupportedError") return "unknown";
    throw error;
  }
}

async function checkWitnesses({ checkpoint, witnesses, witnesses_needed: needed }, step) {
  if (!witnesses.length && !needed) return "none";
  const outcomes = [];
  for (const witness of witnesses) outcomes.push(await checkWitness(checkpoint, witness.key));
  const worst = ["failed", "unknown", "holds"].find((outcome) => outcomes.includes(outcome));
  const names = witnesses.filter((_witness, number) => outcomes[number] === worst).map((witness) => witness.name);
  for (const place of step.querySelectorAll("[data-witnesses]")) place.textContent = names.join(", ");
  if (worst === "failed" || worst === "unknown") return worst;
  return witnesses.length < needed ? "unknown-few" : "holds";
}

async function checkWitness(checkpoint, key) {
  try {
    return (await hasSigned(key, parseNote(checkpoint))) ? "holds" : "failed";
  } catch (error) {
    if (error.name === "NotSupportedError") return "unknown";
    throw error;
  }
}

// Compare the log with a checkpoint that the reader has kept.
async function checkSaved() {
  const file = section.querySelector("[data-saved]")?.files[0];
  if (!file) return "none";
  const note = parseNote(await file.text());
  const log = state.log?.known.find((one) => one.note.origin === note.origin);
  if (!log) return "failed-other";
  const key = log.ledger.keys.filter(([, size]) => size <= note.size).at(-1)[0];
  try {
    if (!(await hasSigned(key, note))) return "failed";
  } catch (error) {
    if (error.name !== "NotSupportedError") throw error;
  }
  return (await beganWith(log, note)) ? "holds" : "failed";
}

const STEPS = {
  text: checkText,
  version: checkVersion,
  log: checkLog,
  signature: checkSignature,
  witnesses: checkWitnesses,
  saved: checkSaved,
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
  state.log = undefined;
  section.querySelector("[data-counts]")?.replaceChildren();
  let result = "holds";
  for (const [name, check] of Object.entries(STEPS)) {
    const step = section.querySelector(`[data-step=${name}]`);
    if (!step) continue;
    const outcome = await check(evidence, step);
    show(step, outcome);
    if (outcome.startsWith("failed")) return "failed";
    if (outcome.startsWith("unknown")) result = "partly";
    if (outcome === "holds-imported" && result === "holds") result = "imported";
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
