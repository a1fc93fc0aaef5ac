"""Static files in production: hashed, compressed, and the CSS of site and newsroom bundled in one file each.

Beside them is a stamp, which says from which sources they were made.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath
from typing import Any

import brotli
import django
from django.apps import apps
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.files.base import ContentFile, File
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from truthlytics import __version__
from truthlytics.web import css
from truthlytics.web.css import COMMENT, minify
from truthlytics.web.plugins import newsroom_styles, site_styles

# Bundles, and the style sheet that imports what is in them.
BUNDLES = {"css/site.css": "css/layers.css", "newsroom/css/newsroom.css": "newsroom/css/layers.css"}
# What features and plug-ins add to these.
ADDED = {"css/layers.css": site_styles, "newsroom/css/layers.css": newsroom_styles}

IMPORT = re.compile(r"""@import url\(["']?([^"')]+)["']?\) layer\(([\w-]+)\);""")
RELATIVE_URL = re.compile(r"""url\((["']?)(?!data:|https?:|[/#])([^"')]+)\1\)""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
# Brotli's best quality takes ten times as long as the next one. Larger files belong to the newsroom only.
BEST_QUALITY_BYTES = 100_000
# The list of hashed names. Without an entry in it, a page that uses the file is an error.
MANIFEST = "staticfiles.json"
# Written when all files are there, and deleted before one changes.
STAMP = "sources.sha256"
# Older than any source.
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)


def bundle(name: str, find: Callable[[str], Any]) -> str:
    """Return the CSS file `name` with its imports inlined, each inside the layer it is imported into.

    Those that features and plug-ins add follow as they are. Relative URLs are rewritten to be relative to `name`.
    `find` returns the path of a static file, which may be another package's. Raises FileNotFoundError for a missing
    import.
    """
    root = PurePosixPath(name).parent

    def content(file: str) -> str:
        folder = relpath(PurePosixPath(file).parent, root)
        css = minify(Path(find(file) or file).read_text())
        return RELATIVE_URL.sub(lambda url: f'url("{normpath(PurePosixPath(folder, url[2]))}")', css)

    def inline(match: re.Match[str]) -> str:
        part, layer = match.groups()
        return f"@layer {layer} {{ {content(normpath(root / part))} }}\n"

    bundled = IMPORT.sub(inline, COMMENT.sub("", Path(find(name)).read_text())).strip()
    added = ADDED[name]() if name in ADDED else []
    return "\n".join([bundled, *map(content, added)]) + "\n"


class FastCompressor(Compressor):
    """Compresses all static files in a few seconds."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=11 if len(data) <= BEST_QUALITY_BYTES else 9)
        return compressed


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also builds the style sheets of production pages."""

    # Rewrite imports between modules to hashed names, so that browsers never mix old and new modules.
    support_js_module_import_aggregation = True

    def get_modified_time(self, name: str) -> datetime:
        """Let `collectstatic` copy every file again: a source of another version may be older than its copy."""
        return LONG_AGO

    def _save(self, name: str, content: "File[bytes]") -> str:
        """Let a file appear with its whole content, so that none is cut off if this process is killed."""
        part: str = super()._save(f"{name}.part", content)
        Path(self.path(part)).replace(self.path(name))
        return name

    def post_process(
        self, paths: dict[str, object], dry_run: bool = False, **options: object
    ) -> Iterator[tuple[str, str | None, Any]]:
        if not dry_run:
            Path(self.path(STAMP)).unlink(missing_ok=True)
        for name, source in BUNDLES.items():
            if source in paths and not dry_run:
                if self.exists(name):
                    self.delete(name)
                self.save(name, ContentFile(bundle(source, self.path)))
                # Treat the bundle as a collected file, so that it is hashed and compressed too.
                paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, dry_run=dry_run, **options)
        if not dry_run:
            self._save(STAMP, ContentFile(source_stamp().encode()))

    def compress_files(self, paths: Iterable[str]) -> object:
        """Compress the hashed files only: just the page for server errors refers to others."""
        return super().compress_files([path for path in paths if HASHED.search(path)])

    def create_compressor(self, **options: object) -> Compressor:
        return FastCompressor(**options)


def are_collected() -> bool:
    """Return whether pages use collected files. While developing and in tests they do not."""
    storage: Any = settings.STORAGES["staticfiles"]
    return bool(storage["BACKEND"] == f"{__name__}.{SiteStaticFilesStorage.__name__}")


def sources() -> dict[str, str]:
    """Return the path of each file to collect by name: of several with one name, that of the first, which is used."""
    found: dict[str, str] = {}
    for finder in get_finders():
        for path, storage in finder.list(apps.get_app_config("staticfiles").ignore_patterns):  # type: ignore[attr-defined]
            name = str(PurePosixPath(getattr(storage, "prefix", None) or "", path))
            found.setdefault(name, storage.path(path))
    return found


def source_stamp() -> str:
    """Return the SHA-256 of all that decides what the collected files are, in 20 ms."""
    added = [name for names in ADDED.values() for name in names()]
    digest = sha256(f"{__version__} {django.__version__} {added}".encode())
    for name, path in [*sorted(sources().items()), ("", __file__), ("", css.__file__)]:
        content = Path(path).read_bytes()
        digest.update(f"\n{name} {len(content)}\n".encode() + content)
    return digest.hexdigest()


def is_current(folder: Path) -> bool:
    """Return whether the files in `folder` were collected from the sources that are installed."""
    try:
        return (folder / STAMP).read_text(encoding="utf-8") == source_stamp()
    except OSError:
        return False


def missing_names(folder: Path) -> list[str]:
    """Return the files that pages of this code may use and that the collected ones lack."""
    return sorted({*sources(), *BUNDLES} - (listed_names(folder) or set()))


def listed_names(folder: Path) -> set[str] | None:
    """Return the names in the list of collected files; None if there is none or it was cut off."""
    try:
        return set(json.loads((folder / MANIFEST).read_text(encoding="utf-8"))["paths"])
    except (OSError, ValueError, KeyError, TypeError):
        return None


def forget_broken_list(folder: Path) -> None:
    """Delete a list of names that was cut off, with which nothing could be collected."""
    if listed_names(folder) is None:
        (folder / MANIFEST).unlink(missing_ok=True)


def publish(collected: Path, folder: Path) -> None:
    """Copy the files in `collected` to `folder`, each as a whole, the list of names and the stamp last.

    Files of earlier versions stay, because pages that browsers have open still use them.
    """
    last = [MANIFEST, STAMP]
    (folder / STAMP).unlink(missing_ok=True)
    names = {str(path.relative_to(collected)) for path in collected.rglob("*") if path.is_file()}
    for name in [*sorted(names - set(last)), *last]:
        target = folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        part = target.with_name(f"{target.name}.part")
        part.write_bytes((collected / name).read_bytes())
        part.replace(target)
