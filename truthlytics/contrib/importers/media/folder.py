"""Files in a folder of the server, such as a copy of `wp-content/uploads`."""

import re
from functools import cached_property
from pathlib import Path, PurePosixPath

from articles.media.old_names import without_size
from truthlytics.contrib.importers.media import names
from truthlytics.contrib.importers.records import MediaRecord

_SIZE = re.compile(r"-(\d{1,5})x(\d{1,5})(?=\.[A-Za-z0-9]{2,5}$)")
# Where the files are below the folder, if it is not the folder of uploads itself.
_BELOW = ("", "uploads", "wp-content/uploads", "content", "content/images", "images")


class MediaFolder:
    """Finds files below `root` and never anywhere else. Links to other folders are ignored."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._sizes: dict[Path, dict[str, list[str]]] = {}
        self._roots = [path for name in _BELOW if (path := self.root / name).is_dir()]

    def find(self, media: MediaRecord, *, listed: bool = True, by_name: bool = True) -> list[Path]:
        """Return the files that `media`, `listed` by the media library or not, may be, the best first.

        `by_name`: its name alone is enough if no other file here has it.
        """
        paths = names.file_paths(media, listed=listed)
        found = [file for path in paths for root in self._roots if (file := self._at(root, path))]
        if not found and by_name:
            found = [file for path in paths if (file := self._by_name(path))]
        # Its sizes, the largest first: the original may be missing, or too large for the library.
        originals = found or [root / part for path in paths for root in self._roots for part in _parts(path)]
        sizes = [file for original in originals for file in self._sizes_of(original)]
        return list(dict.fromkeys([*found, *sizes]))

    def _sizes_of(self, original: Path) -> list[Path]:
        """Return the sizes of a picture that are beside it, the largest first."""
        try:
            folder = original.parent.resolve()
            names_there = self._names_in(folder) if folder.is_relative_to(self.root) else {}
        except (OSError, ValueError):  # such as a name that is too long
            return []
        sizes = names_there.get(names.normal(without_size(original.name)), [])
        return [file for name in sizes if (file := self._checked(folder, name)) and file != original]

    def _names_in(self, folder: Path) -> dict[str, list[str]]:
        """Return the names of the sizes of each picture in `folder`, by the name of the picture."""
        if folder not in self._sizes:
            found: dict[str, list[tuple[int, str]]] = {}
            for file in folder.iterdir() if folder.is_dir() else ():
                if match := _SIZE.search(file.name):
                    pixels = int(match[1]) * int(match[2])
                    found.setdefault(names.normal(without_size(file.name)), []).append((pixels, file.name))
            self._sizes[folder] = {name: [file for _, file in sorted(sizes)[::-1]] for name, sizes in found.items()}
        return self._sizes[folder]

    def _at(self, root: Path, path: str) -> Path | None:
        """Return the file at `path` below `root`, or at the part of it below the uploads."""
        for part in _parts(path):
            if part and (file := self._checked(root, part)):
                return file
        return None

    def _checked(self, root: Path, path: str) -> Path | None:
        if "\0" in path or ".." in PurePosixPath(path.replace("\\", "/")).parts:
            return None
        try:
            file = (root / path).resolve()
            return file if file.is_relative_to(self.root) and file.is_file() else None
        except OSError:  # such as a name that is too long
            return None

    def _by_name(self, path: str) -> Path | None:
        name = names.normal(PurePosixPath(path).name)
        found = self._names.get(name) if name else None
        if found is None:
            return None
        # Another month has another file of this name. That of the wrong one would be worse than none.
        if names.is_by_month(path) and names.is_by_month(found) and not _same_end(path, found):
            return None
        return self._checked(self.root, found)

    @cached_property
    def _names(self) -> dict[str, str | None]:
        """The path of each file by its name; None if several files have it. Sizes of others are left out."""
        found: dict[str, str | None] = {}
        for folder, _folders, files in self.root.walk():
            there = set(files)
            for file in files:
                original = without_size(file)
                if original != file and original in there:
                    continue
                path = (folder / file).relative_to(self.root).as_posix()
                for name in dict.fromkeys((names.normal(file), names.normal(original))):
                    known = found.get(name, path)
                    # Several sizes of one picture are one file; which is the largest is decided later.
                    same = known is not None and without_size(known) == without_size(path)
                    found[name] = known if same else None
        return found


def _parts(path: str) -> list[str]:
    """Return `path` and the part of it below the uploads, relative."""
    return [] if "\0" in path else list(dict.fromkeys((path.lstrip("/"), names.below_uploads(path))))


def _same_end(wanted: str, found: str) -> bool:
    """Return whether month and name agree."""
    return [names.normal(part) for part in PurePosixPath(wanted).parts[-3:]] == [
        names.normal(part) for part in PurePosixPath(found).parts[-3:]
    ]
