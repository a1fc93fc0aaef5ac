// What is said about images that were just added to the text, and the way to their alt texts and credits.
import { hideNotice, showNotice } from "../shared/notices.js";
import { describeImage, images } from "./helpers.js";

/** Returns a sentence about images that were in the library before, "" if there are none. */
export const knownMessage = (count) =>
  count
    ? interpolate(
        ngettext(
          "%s image was in the library already and was inserted from there.",
          "%s images were in the library already and were inserted from there.",
          count,
        ),
        [count],
      )
    : "";

/** Shows a notice about added images that offers to describe those of `incomplete`, one after the other. */
export function showAdded(name, text, incomplete, view, actions = []) {
  const rest = [...new Map(incomplete.map((image) => [image.uuid, image])).values()];
  const describe = async () => {
    hideNotice(name);
    const { length: count } = rest;
    for (let number = 1; rest.length; number += 1) {
      const [image] = rest;
      if (!(await describeImage(images[image.uuid] ?? image, { number, count }))) break;
      rest.shift();
    }
    if (rest.length) {
      const message = ngettext(
        "%s image still needs alt text and a credit before you publish.",
        "%s images still need alt text and a credit before you publish.",
        rest.length,
      );
      showAdded(name, interpolate(message, [rest.length]), rest, view);
    }
    view.focus();
  };
  showNotice(name, text, [
    ...(rest.length ? [[gettext("Add alt text and credit"), describe]] : []),
    ...actions,
    [gettext("Close"), () => hideNotice(name)],
  ]);
}
