// Unsaved input that has not reached the server, stored in this browser under one name per page view.
const PREFIX = "newsroom:draft:";
const MAX_SIZE = 1_000_000;
const MAX_DRAFTS = 8;
const MAX_AGE = 14 * 24 * 3600 * 1000;

const keys = () => Object.keys(localStorage).filter((key) => key.startsWith(PREFIX));

/** Stores a draft. Returns false if it is too large or the storage is full. */
export function store(name, draft) {
  const text = JSON.stringify({ ...draft, at: Date.now() });
  if (text.length > MAX_SIZE) return false;
  try {
    localStorage.setItem(PREFIX + name, text);
    for (const old of all().slice(MAX_DRAFTS)) remove(old.name);
    return true;
  } catch {
    return false;
  }
}
export function remove(name) {
  try {
    localStorage.removeItem(PREFIX + name);
  } catch {
    /* storage is not available */
  }
}
/** Returns the stored drafts, newest first; removes those older than two weeks. */
export function all() {
  const drafts = [];
  try {
    for (const key of keys()) {
      const name = key.slice(PREFIX.length);
      const draft = read(key);
      if (!draft || Date.now() - draft.at > MAX_AGE) remove(name);
      else drafts.push({ ...draft, name });
    }
  } catch {
    /* storage is not available */
  }
  return drafts.sort((a, b) => b.at - a.at);
}
function read(key) {
  try {
    return JSON.parse(localStorage.getItem(key));
  } catch {
    return null;
  }
}
