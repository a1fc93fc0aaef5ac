"""Static files in production: hashed, compressed, and all CSS bundled in one file."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE, BUNDLE = "css/layers.css", "css/site.css"

IMPORT = re.compile(r"""@import url\(["']?([^"')]+)["']?\) layer\(([\w-]+)\);""")
RELATIVE_URL = re.compile(r"""url\((["']?)(?!data:|https?:|[/#])([^"')]+)\1\)""")
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)
WHITESPACE = re.compile(r"\s+")


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
    """Remove comments and collapse whitespace."""
    return WHITESPACE.sub(" ", COMMENT.sub("", css)).strip()


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also builds `css/site.css`, the stylesheet of production pages, from `css/layers.css`."""

    # Rewrite imports between modules to hashed names, so that browsers never mix old and new modules.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        if SOURCE in paths and not dry_run:
            if self.exists(BUNDLE):
                self.delete(BUNDLE)
            self._save(BUNDLE, ContentFile(bundle(Path(self.path(SOURCE)))))
            # Treat the bundle as a collected file, so that it is hashed and compressed too.
            paths = {**paths, BUNDLE: (self, BUNDLE)}
        yield from super().post_process(paths, dry_run=dry_run, **options)
