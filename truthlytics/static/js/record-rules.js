// What the entries of a transparency log mean, for “Verify this article”. docs/record.md has these rules as a table, and
// truthlytics/transparency/outside/rules.py has them for programs. Tests hold both against the same cases.

const HOUR = 3600;
const ABOUT = ["item", "uuid"];
const VERSION = [...ABOUT, "number", "digest"];
const FIELDS = {
  version: VERSION,
  correction: VERSION,
  removal: VERSION,
  deletion: VERSION,
  withdrawal: ABOUT,
  restoration: ABOUT,
  key: ["key", "signature"],
  log: ["previous", "size", "root"],
};
const MAY_BE_IMPORTED = ["version", "correction", "removal", "withdrawal", "restoration"];
const ITEMS = ["article", "page", "dossier"];
const EVENTS = ["removal", "withdrawal", "restoration", "deletion", "key", "archive"];
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const DIGEST = /^[0-9a-f]{64}$/;
const TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

// Return a time such as 2026-05-03T09:00:00Z in seconds since 1970, or NaN.
export function seconds(time) {
  if (typeof time !== "string" || !TIME.test(time)) return Number.NaN;
  const date = new Date(time);
  // Dates such as the 31st of April are moved to the next month.
  return date.toISOString?.().startsWith(time.slice(0, 19)) ? date.getTime() / 1000 : Number.NaN;
}

const canonical = (entry) =>
  JSON.stringify(Object.fromEntries(Object.entries(entry).sort(([a], [b]) => (a < b ? -1 : 1))));

// Return the entry in a leaf, or null if it has not the form of one.
function read(leaf) {
  try {
    const entry = JSON.parse(leaf);
    const names = FIELDS[entry.kind];
    if (!Object.hasOwn(FIELDS, entry.kind) || canonical(entry) !== leaf) return null;
    const marks = MAY_BE_IMPORTED.includes(entry.kind) && entry.imported === true ? ["imported"] : [];
    const wanted = ["kind", "time", ...names, ...marks].sort().join();
    if (Object.keys(entry).sort().join() !== wanted || Number.isNaN(seconds(entry.time))) return null;
    if (names.includes("uuid") && !(ITEMS.includes(entry.item) && UUID.test(entry.uuid))) return null;
    if (names.includes("number")) {
      if (!(Number.isInteger(entry.number) && entry.number > 0 && DIGEST.test(entry.digest))) return null;
    }
    return entry.kind === "correction" && entry.item !== "article" ? null : entry;
  } catch {
    return null;
  }
}

const keyOf = (entry) => `${entry.uuid} ${entry.number}`;

// Reads the entries of a log in their order. `faults` has those that the rules do not allow: rule and position.
export class Ledger {
  constructor(origin, firstKey, former = null) {
    Object.assign(this, { origin, former, size: 0, clock: 0 });
    this.keys = [[firstKey, 0]];
    // Signatures of new keys, which take time to check: old and new key, signature and position.
    this.handovers = [];
    this.faults = [];
    this.versions = new Map();
    this.corrections = new Map();
    this.removals = new Map();
    this.deletions = new Map();
    this.items = new Map();
    this.times = [];
    this.kinds = {};
    this.continues = null;
  }

  add(leaf) {
    const entry = read(leaf);
    const position = this.size++;
    if (!entry) {
      this.fault("form");
      this.times.push([this.clock, true]);
      return;
    }
    const [time, imported] = [seconds(entry.time), "imported" in entry];
    this.times.push([time, imported]);
    if (!this.kinds[entry.kind]) this.kinds[entry.kind] = [];
    this.kinds[entry.kind].push(position);
    if (!imported) {
      if (time < this.clock - HOUR) this.fault("time");
      this.clock = Math.max(this.clock, time);
    }
    if (position === 0 && (this.former !== null) !== (entry.kind === "log")) this.fault("log");
    this[entry.kind](entry, time, !imported);
  }

  fault(rule, position = this.size - 1) {
    this.faults.push({ rule, position });
  }

  version(entry, time, isNative) {
    const key = keyOf(entry);
    if (this.versions.has(key)) return this.fault("once");
    if (!this.items.has(entry.uuid)) {
      const state = { item: entry.item, numbers: [], lastTime: 0, last: -1, withdrawn: false, wasWithdrawn: false };
      this.items.set(entry.uuid, state);
    }
    const state = this.items.get(entry.uuid);
    if (state.item !== entry.item) return this.fault("once");
    const { numbers } = state;
    if (numbers.length && (entry.number < numbers.at(-1) || time < state.lastTime)) this.fault("order");
    if (numbers.length && numbers.every((number) => this.deletions.has(`${entry.uuid} ${number}`))) {
      this.fault("deletion");
    }
    const former = this.former?.versions.get(key);
    if (former && former.digest !== entry.digest) this.fault("log");
    this.versions.set(key, {
      item: entry.item,
      position: this.size - 1,
      digest: entry.digest,
      time,
      native: former ? former.native : isNative,
      since: former ? former.since : this.origin,
    });
    numbers.push(entry.number);
    Object.assign(state, { lastTime: time, last: this.size - 1 });
  }

  known(entry) {
    const logged = this.versions.get(keyOf(entry));
    if (logged && logged.item === entry.item && !this.deletions.has(keyOf(entry))) return logged;
    this.fault("order");
    return null;
  }

  correction(entry, time, isNative) {
    const logged = this.known(entry);
    if (!logged) return;
    const state = this.items.get(entry.uuid);
    if (this.corrections.has(keyOf(entry))) return this.fault("once");
    if (state.last !== logged.position || time !== logged.time || this.times[logged.position][1] === isNative) {
      this.fault("order");
    }
    this.corrections.set(keyOf(entry), entry.digest);
    state.last = this.size - 1;
  }

  removal(entry, _time, isNative) {
    const logged = this.known(entry);
    if (!logged) return;
    const state = this.items.get(entry.uuid);
    if (this.removals.has(keyOf(entry))) this.fault("once");
    if (logged.digest !== entry.digest) this.fault("removal");
    if (state.numbers.at(-1) === entry.number && !state.withdrawn && isNative) this.fault("removal");
    if (!this.removals.has(keyOf(entry))) this.removals.set(keyOf(entry), this.size - 1);
    state.last = this.size - 1;
  }

  deletion(entry) {
    const logged = this.known(entry);
    if (!logged) return;
    const state = this.items.get(entry.uuid);
    if (logged.digest !== entry.digest) this.fault("deletion");
    if (state.numbers.some((number) => this.versions.get(`${entry.uuid} ${number}`).native)) this.fault("deletion");
    if (state.wasWithdrawn) this.fault("deletion");
    this.deletions.set(keyOf(entry), this.size - 1);
    state.last = this.size - 1;
  }

  withdrawal(entry) {
    this.changeState(entry, true);
  }

  restoration(entry) {
    this.changeState(entry, false);
  }

  changeState(entry, withdrawn) {
    const state = this.items.get(entry.uuid);
    const isAlive = state?.numbers.some((number) => !this.deletions.has(`${entry.uuid} ${number}`));
    if (!state || !isAlive || state.item !== entry.item || state.withdrawn === withdrawn) this.fault("order");
    if (state) Object.assign(state, { withdrawn, wasWithdrawn: true, last: this.size - 1 });
  }

  key(entry) {
    const old = this.keys.at(-1)[0];
    this.handovers.push({ old, key: entry.key, signature: entry.signature, position: this.size - 1 });
    if (this.keys.some(([known]) => known === entry.key)) this.fault("key");
    this.keys.push([entry.key, this.size + 1]);
  }

  log(entry) {
    if (this.size !== 1) return this.fault("log");
    this.continues = entry;
    if (this.former && entry.previous !== this.former.origin) this.fault("log");
  }

  // Return how many entries there are of what readers would not expect. "archive" counts the versions that are dated by
  // the publication alone.
  counts() {
    const proven = new Set(Array.from(this.versions.values(), (logged) => logged.native && logged.position));
    const alone = (this.kinds.version ?? []).filter((place) => this.times[place][1] && !proven.has(place));
    const places = { ...this.kinds, archive: alone };
    return Object.fromEntries(EVENTS.map((kind) => [kind, places[kind]?.length ?? 0]));
  }

  // Return all faults, once every entry was read: also what a former log has and this one lacks.
  finish() {
    const missing = [];
    for (const [key, logged] of this.former?.versions ?? []) {
      if (!this.versions.has(key) && !this.former.deletions.has(key)) {
        missing.push({ rule: "log", position: logged.position });
      }
    }
    const ahead = [];
    let earliest = null;
    for (let position = this.times.length - 1; position >= 0; position--) {
      const [time, imported] = this.times[position];
      if (!imported) earliest = earliest === null ? time : Math.min(earliest, time);
      else if (earliest !== null && time > earliest + HOUR) ahead.unshift({ rule: "time", position });
    }
    return [...this.faults, ...missing, ...ahead];
  }
}
