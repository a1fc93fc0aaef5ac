// “Verify this article”: computes in the browser what the page claims, from the page of the article and the evidence
// that the site publishes. docs/record.md describes the digests, and https://c2sp.org the log and its signatures.
import {
  beganWith,
  digestOf,
  equal,
  fromBase64,
  hasSigned,
  load,
  parseNote,
  readLogs,
  rootOf,
  sha256,
  toHex,
  utf8,
} from "./record-log.js";
import { compareContents, isStrict } from "./record-meaning.js";
import { parse } from "./record-page.js";
import { seconds } from "./record-rules.js";
import { compareText, NAMED } from "./record-text.js";

const section = document.querySelector("[data-verify]");
const button = section.querySelector("[data-check]");
const status = section.querySelector("[data-result]");
// What was read of the log.
const state = {};

// --- The steps. Each returns the outcome for which the page has a sentence. -----------------------------------------
async function checkText({ version, page, history }, step) {
  const html = parse(await (await load(page)).text());
  const isGiven = version.content !== undefined || version.free !== undefined;
  const content = isGiven ? await contentOf(version) : null;
  if (isGiven && content?.uuid !== version.uuid) return "failed";
  const isOld = /\/versions\/\d+\/$/.test(page);
  const dated = isOld ? null : history.filter((one) => one.public_from !== undefined);
  const { outcome, found, images, isShown } = await compareText(html, version.type, content, dated);
  if (outcome) return differs(step, outcome, found);
  const file = await replacedFile(images);
  if (file) return differs(step, "failed-page", [file, ""]);
  if (version.removed !== undefined) return "unknown-removed";
  if (version.content === undefined) return isGiven ? "unknown-free" : "unknown";
  return isShown ? "holds" : "unknown-view";
}

function differs(step, outcome, found) {
  const places = step.querySelectorAll(`[data-when=${outcome}] [data-difference]`);
  for (const [number, place] of places.entries()) place.textContent = found[number];
  return outcome;
}

// Return the content of a version, or what is free of it if the rest is not given; null if it has another digest.
async function contentOf({ content, free, content_digest: digest }) {
  if (content === undefined || free === undefined) {
    const text = content ?? free;
    return (await digestOf(text)) === digest ? JSON.parse(text) : null;
  }
  const fits = (await digestOf(free)) === digest && JSON.parse(free).whole === (await digestOf(content));
  return fits ? JSON.parse(content) : null;
}

// Return the address of the first image file that is another one than its name, which is its digest, says; or "".
async function replacedFile(addresses) {
  for (const address of addresses) {
    const [, name] = address.match(NAMED);
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

// Compare each version that readers saw with the one before, up to this one: did it say what changed?
async function checkMeaning({ version, history }, step) {
  const dated = history.filter((one) => one.public_from !== undefined && one.number <= version.number);
  if (dated.length < 2) return "none";
  const old = [];
  const lacking = { removed: false, closed: false };
  let before;
  for (const [place, row] of dated.entries()) {
    const read = row.number === version.number ? version : await versionAt(place + 1);
    lacking.removed ||= row.removed !== undefined;
    const isGiven = read.content !== undefined || read.free !== undefined;
    lacking.closed ||= !isGiven && row.removed === undefined;
    const content = isGiven ? await contentOf({ ...read, content_digest: row.content_digest }) : undefined;
    if (content === null) return "failed-content";
    if (before && content && (before.whole === undefined) === (content.whole === undefined)) {
      const change = compareContents(version.type, before, content, row);
      const isNative = state.log?.ledger.versions.get(`${row.uuid} ${row.number}`).native ?? true;
      if (change.faults.length && isStrict(content, isNative)) {
        return state.log ? unsaid(step, place + 1, change) : "unknown-large";
      }
      if (change.faults.length) old.push(place + 1);
    } else if (before && content) lacking.closed = true;
    before = content;
  }
  for (const place of step.querySelectorAll("[data-old]")) place.textContent = old.join(", ");
  for (const text of step.querySelectorAll("[data-if-old]")) text.hidden = !old.length;
  for (const text of step.querySelectorAll("[data-if-removed]")) text.hidden = !lacking.removed;
  return lacking.closed ? "unknown" : "holds";
}

// Return what the site gives of the version that readers count as number `place`.
async function versionAt(place) {
  const address = section.dataset.verify.replace(/\d+(?=\/evidence\.json$)/, place);
  return (await (await load(address)).json()).version;
}

function unsaid(step, place, { faults, was, is }) {
  step.querySelector("[data-place]").textContent = place;
  for (const text of step.querySelectorAll("[data-fault]")) text.hidden = !faults.includes(text.dataset.fault);
  for (const [number, words] of [was, is].entries()) step.querySelectorAll("[data-words]")[number].textContent = words;
  return "failed";
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
  meaning: checkMeaning,
  signature: checkSignature,
  witnesses: checkWitnesses,
  saved: checkSaved,
};

// --- The page -------------------------------------------------------------------------------------------------------
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
