// Word's HTML refers to images in files that a browser cannot read. Its RTF on the same clipboard contains them.
const TOKEN = /[{}]|\\[a-z]+-?\d* ?|\\[^a-z]|[^{}\\]+/g;
// Groups whose pictures repeat another one for old programs, or are bullets.
const SKIPPED = /^\\(nonshppict|shprslt|listpicture)\b/;
const TYPES = { "\\pngblip": "image/png", "\\jpegblip": "image/jpeg" };

function toBlob({ type, hex }) {
  const digits = hex.replace(/[^\da-f]/gi, "");
  const bytes = new Uint8Array(digits.length >> 1);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = Number.parseInt(digits.slice(2 * i, 2 * i + 2), 16);
  return new Blob([bytes], { type });
}

/** Returns the pictures of `rtf` in order, as Blobs; null for those in a format that browsers do not have. */
export function picturesOf(rtf) {
  const pictures = [];
  const groups = [{ isSkipped: false, picture: null }];
  for (const [token] of rtf.matchAll(TOKEN)) {
    const group = groups.at(-1);
    if (token === "{") groups.push({ isSkipped: group.isSkipped, picture: null });
    else if (token === "}") {
      if (groups.length > 1) groups.pop();
      if (group.picture && !group.isSkipped) pictures.push(group.picture.type ? toBlob(group.picture) : null);
    } else if (SKIPPED.test(token)) group.isSkipped = true;
    else if (/^\\pict\b/.test(token)) group.picture = { type: "", hex: "" };
    else if (group.picture && token.trim() in TYPES) group.picture.type = TYPES[token.trim()];
    else if (group.picture && token[0] !== "\\") group.picture.hex += token;
  }
  return pictures;
}
