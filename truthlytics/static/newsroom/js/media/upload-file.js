// Sends one file to the library, with progress.
export const MAX_FILE_SIZE = 30 * 1024 * 1024;

/** Resolves to the server's result for `file`, or to a refusal with a message. `body` holds the other form fields. */
export function uploadFile(url, body, file, { maxSize = MAX_FILE_SIZE, onProgress = () => {} } = {}) {
  const refused = (says, isLost = false) => ({ state: "refused", says, isLost });
  if (file.size > maxSize)
    return Promise.resolve(refused(gettext("The file is larger than 30 MB. Reduce its size and try again.")));
  return new Promise((done) => {
    const request = new XMLHttpRequest();
    body.set("files", file);
    request.open("POST", url);
    request.setRequestHeader("Accept", "application/json");
    request.upload.onprogress = (e) => {
      if (e.lengthComputable) onProgress((100 * e.loaded) / e.total);
    };
    request.onerror = () => done(refused(gettext("Connection lost. Upload it again."), true));
    request.onload = () => {
      try {
        done(JSON.parse(request.responseText).files[0] ?? refused(gettext("The upload failed. Try again.")));
      } catch {
        done(
          refused(
            request.status === 400 || request.status === 413
              ? gettext("The file was rejected. It may be too large.")
              : gettext("You may have been logged out. Reload the page, then upload it again."),
            true,
          ),
        );
      }
    };
    request.send(body);
  });
}
