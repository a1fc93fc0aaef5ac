// Reading a transparency log in the browser: its tree, its signatures and its entries. https://c2sp.org describes both.
import { Ledger } from "./record-rules.js";

// Entries of a full bundle, and of the largest log that is read as a whole.
const [TILE, MOST_ENTRIES] = [256, 20_000];
const LOG_KEY = 1;
export const utf8 = new TextEncoder();

// --- Bytes ----------------------------------------------------------------------------------------------------------
export const fromBase64 = (text) => Uint8Array.from(atob(text), (char) => char.charCodeAt(0));
export const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
export const equal = (a, b) => toHex(a) === toHex(b);

function concat(...parts) {
  const bytes = new Uint8Array(parts.reduce((length, part) => length + part.length, 0));
  let end = 0;
  for (const part of parts) {
    bytes.set(part, end);
    end += part.length;
  }
  return bytes;
}

export async function sha256(...parts) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", concat(...parts)));
}

// The digest of a text, or of a list of strings and numbers as canonical JSON.
export async function digestOf(value) {
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return toHex(await sha256(utf8.encode(text)));
}

// --- The tree (RFC 9162, section 2.1.3.2) ---------------------------------------------------------------------------
const nodeHash = (left, right) => sha256([1], left, right);

// Return the root that `proof` leads to from the leaf with this hash, or null if the proof has another length.
export async function rootOf(hash, index, size, proof) {
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
export function parseNote(note) {
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
export async function hasSigned(verifierKey, note) {
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
export async function readLogs({ log }) {
  const known = [];
  for (const described of [...log.earlier, log]) known.push(await readLog(described, known.at(-1)));
  return { ...known.at(-1), known };
}

// Return whether a log began with the state in a note.
export async function beganWith(log, note) {
  return note.size <= log.hashes.length && equal(await treeRoot(log.hashes.slice(0, note.size)), note.root);
}

// --- Files -----------------------------------------------------------------------------------------------------------
export async function load(url) {
  const response = await fetch(url, { cache: "no-store" });
  if (!response.ok) throw new Error(`${url}: ${response.status}`);
  return response;
}
