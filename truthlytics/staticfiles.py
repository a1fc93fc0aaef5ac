"""Static files in production: hashed, compressed, and the CSS of site and newsroom bundled in one file each."""

import re
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import brotli
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

from truthlytics.web.css import COMMENT, minify

# Bundles, and the style sheet that imports what is in them.
BUNDLES = {"css/site.css": "css/layers.css", "newsroom/css/newsroom.css": "newsroom/css/layers.css"}

IMPORT = re.compile(r"""@import url\(["']?([^"')]+)["']?\) layer\(([\w-]+)\);""")
RELATIVE_URL = re.compile(r"""url\((["']?)(?!data:|https?:|[/#])([^"')]+)\1\)""")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
# Brotli's best quality takes ten times as long as the next one. Larger files belong to the newsroom only.
BEST_QUALITY_BYTES = 100_000


def bundle(name: str, find: Callable[[str], Any]) -> str:
    """Return the CSS file `name` with its imports inlined, each inside the layer it is imported into.

    Relative URLs are rewritten to be relative to `name`. `find` returns the path of a static file, which may be another
    package's. Raises FileNotFoundError for a missing import.
    """
    root = PurePosixPath(name).parent

    def inline(match: re.Match[str]) -> str:
        part, layer = match.groups()
        folder = PurePosixPath(part).parent
        file = normpath(root / part)
        css = minify(Path(find(file) or file).read_text())
        css = RELATIVE_URL.sub(lambda url: f'url("{normpath(folder / url[2])}")', css)
        return f"@layer {layer} {{ {css} }}\n"

    return IMPORT.sub(inline, COMMENT.sub("", Path(find(name)).read_text())).strip() + "\n"


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

    def post_process(
        self, paths: dict[str, object], dry_run: bool = False, **options: object
    ) -> Iterator[tuple[str, str | None, Any]]:
        for name, source in BUNDLES.items():
            if source in paths and not dry_run:
                if self.exists(name):
                    self.delete(name)
                self.save(name, ContentFile(bundle(source, self.path)))
                # Treat the bundle as a collected file, so that it is hashed and compressed too.
                paths = {**paths, name: (self, name)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> object:
        """Compress the hashed files only: just the page for server errors refers to others."""
        return super().compress_files([path for path in paths if HASHED.search(path)])

    def create_compressor(self, **options: object) -> Compressor:
        return FastCompressor(**options)
