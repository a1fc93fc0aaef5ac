"""Static files in production: hashed, compressed, and all CSS bundled in one file."""

import re
from collections.abc import Iterable, Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

import brotli
from django.core.files.base import ContentFile
from whitenoise.compress import Compressor
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE, BUNDLE = "css/layers.css", "css/site.css"

IMPORT = re.compile(r"""@import url\(["']?([^"')]+)["']?\) layer\(([\w-]+)\);""")
RELATIVE_URL = re.compile(r"""url\((["']?)(?!data:|https?:|[/#])([^"')]+)\1\)""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WHITESPACE = re.compile(r"\s+")
HASHED = re.compile(r"\.[0-9a-f]{12}\.\w+$")
# Brotli's best quality takes ten times as long as the next one. Larger files belong to the newsroom only.
BEST_QUALITY_BYTES = 100_000


def bundle(path: Path) -> str:
    """Return the CSS file at `path` with its imports inlined, each inside the layer it is imported into.

    Relative URLs are rewritten to be relative to `path`. Raises FileNotFoundError for a missing import.
    """

    def inline(match: re.Match[str]) -> str:
        part, layer = match.groups()
        folder = PurePosixPath(part).parent
        css = minify((path.parent / part).read_text())
        css = RELATIVE_URL.sub(lambda url: f'url("{normpath(folder / url[2])}")', css)
        return f"@layer {layer} {{ {css} }}\n"

    return IMPORT.sub(inline, COMMENT.sub("", path.read_text())).strip() + "\n"


def minify(css: str) -> str:
    """Remove comments and collapse whitespace: a fifth of the compressed bytes, a third of that by whitespace."""
    return WHITESPACE.sub(" ", COMMENT.sub("", css)).strip()


class FastCompressor(Compressor):
    """Compresses all static files in a few seconds."""

    @staticmethod
    def compress_brotli(data: bytes) -> bytes:
        compressed: bytes = brotli.compress(data, quality=11 if len(data) <= BEST_QUALITY_BYTES else 9)
        return compressed


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):
    """Also builds `css/site.css`, the stylesheet of production pages, from `css/layers.css`."""

    # Rewrite imports between modules to hashed names, so that browsers never mix old and new modules.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, object], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        if SOURCE in paths and not dry_run:
            if self.exists(BUNDLE):
                self.delete(BUNDLE)
            self.save(BUNDLE, ContentFile(bundle(Path(self.path(SOURCE)))))
            # Treat the bundle as a collected file, so that it is hashed and compressed too.
            paths = {**paths, BUNDLE: (self, BUNDLE)}
        yield from super().post_process(paths, dry_run=dry_run, **options)

    def compress_files(self, paths: Iterable[str]) -> Any:
        """Compress the hashed files only: just the page for server errors refers to others."""
        return super().compress_files([path for path in paths if HASHED.search(path)])

    def create_compressor(self, **options: Any) -> Compressor:
        return FastCompressor(**options)
