// Values of this tab, as JSON. Nothing is kept if the browser blocks storage, or it is full.
export function recall(key) {
  try {
    return JSON.parse(sessionStorage.getItem(key));
  } catch {
    return null;
  }
}
/** Keeps `value`; null removes it. */
export function keep(key, value) {
  try {
    if (value === null) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(value));
  } catch {
    /* storage is not available */
  }
}
