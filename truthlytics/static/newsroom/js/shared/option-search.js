// Options that the server finds while the user types: states of the search that all such fields share.
import { formatNumber } from "./formats.js";

const WAIT = 120; // ms

/**
 * Searches `url` and shows what `toOptions` makes of the answer in `box` (see listbox.js).
 *
 * `none(query)` is the message if nothing was found, `failed` what to do if the search is not available. With
 * `selectFirst(query)` the first option is selected.
 */
export function optionSearch(box, { url, toOptions, none, failed = gettext("Try again."), selectFirst = () => true }) {
  let request = new AbortController();
  let timer;

  function stop() {
    clearTimeout(timer);
    request.abort();
  }
  async function search(text) {
    stop();
    request = new AbortController();
    const { signal } = request;
    const query = text.trim();
    const show = (items, message) =>
      signal.aborted || box.open(items, { message, selected: selectFirst(query) ? 0 : -1 });
    box.wait();
    try {
      const response = await fetch(`${url}?q=${encodeURIComponent(query)}`, {
        signal,
        headers: { Accept: "application/json" },
        redirect: "manual",
      });
      if (response.type === "opaqueredirect")
        return show([], gettext("You are logged out. Reload the page to log in."));
      if (!response.ok) return show([], `${gettext("The search is not available.")} ${failed}`);
      const { items, count } = toOptions(await response.json());
      show(items, count ? interpolate(ngettext("%s result", "%s results", count), [formatNumber(count)]) : none(query));
    } catch (error) {
      if (error.name !== "AbortError") show([], `${gettext("No connection.")} ${failed}`);
    }
  }
  return {
    search,
    stop,
    /** Searches once the user pauses. */
    searchSoon(text) {
      stop();
      timer = setTimeout(search, WAIT, text);
    },
  };
}
