"""Static files as production serves them: hashed, compressed, and all CSS in one file."""

import re
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from posixpath import normpath
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage

SOURCE, BUNDLE = "css/layers.css", "css/site.css"

IMPORT = re.compile(r"""@import url\(["']?([^"')]+)["']?\) layer\(([\w-]+)\);""")
ADDRESS = re.compile(r"""url\((["']?)(?!data:|https?:|[/#])([^"')]+)\1\)""")
REMARK = re.compile(r"/\*.*?\*/", re.DOTALL)
SPACE = re.compile(r"\s+")


def bundle(layers: Path) -> str:
    """The CSS of `layers` and of every file that it imports, each inside the layer it was imported into.

    Relative addresses are rewritten to hold from where `layers` stands. Raises FileNotFoundError for a
    part that is not there.
    """

    def inlined(found: re.Match[str]) -> str:
        part, layer = found.groups()
        home = PurePosixPath(part).parent
        css = squeezed((layers.parent / part).read_text())
        css = ADDRESS.sub(lambda url: f'url("{normpath(home / url[2])}")', css)
        return f"@layer {layer} {{ {css} }}\n"

    return IMPORT.sub(inlined, REMARK.sub("", layers.read_text())).strip() + "\n"


def squeezed(css: str) -> str:
    return SPACE.sub(" ", REMARK.sub("", css)).strip()


class SiteStaticFilesStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Also makes `css/site.css`, which pages link in production, out of `css/layers.css`."""

    # A module's imports name hashed files too: an old one never meets a new one.
    support_js_module_import_aggregation = True

    def post_process(
        self, paths: dict[str, Any], dry_run: bool = False, **options: Any
    ) -> Iterator[tuple[str, str | None, Any]]:
        if SOURCE in paths and not dry_run:
            if self.exists(BUNDLE):
                self.delete(BUNDLE)
            self._save(BUNDLE, ContentFile(bundle(Path(self.path(SOURCE)))))
            # From here it is one of the collected files, so it is hashed and compressed like them.
            paths = {**paths, BUNDLE: (self, BUNDLE)}
        yield from super().post_process(paths, dry_run=dry_run, **options)
