"""How a picture is written into a page: AVIF, else WebP, else JPEG; its sizes given so that nothing moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.html import escape


@dataclass(frozen=True, slots=True)
class Picture:
    """The files of one picture. `sources` maps "avif", "webp" and "jpeg" to (address, width in px), narrow to wide."""

    width: int
    height: int
    sources: Mapping[str, tuple[tuple[str, int], ...]]

    def as_json(self) -> dict[str, Any]:
        return {
            "width": self.width,
            "height": self.height,
            "sources": {k: [list(s) for s in v] for k, v in self.sources.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        sources = {name: tuple((url, width) for url, width in files) for name, files in value["sources"].items()}
        return cls(value["width"], value["height"], sources)

    @property
    def largest(self) -> str:
        """The widest JPEG, for feeds and search engines; "" where none is made yet."""
        files = self.sources.get("jpeg") or ()
        return files[-1][0] if files else ""


def picture_tag(picture: Picture, alt: str, *, sizes: str, first: bool = False) -> str:
    """`<picture>` with srcset. `first` is for the one picture that a reader sees at once."""
    if not picture.sources.get("jpeg"):
        return ""
    eager = ' fetchpriority="high"' if first else ' loading="lazy" decoding="async"'
    smaller = "".join(
        f'<source type="image/{name}" srcset="{_srcset(picture.sources[name])}" sizes="{sizes}">'
        for name in ("avif", "webp")
        if picture.sources.get(name)
    )
    middle = picture.sources["jpeg"][len(picture.sources["jpeg"]) // 2][0]
    return (
        f'<picture>{smaller}<img src="{escape(middle)}" srcset="{_srcset(picture.sources["jpeg"])}" sizes="{sizes}" '
        f'alt="{escape(alt)}" width="{picture.width}" height="{picture.height}"{eager}></picture>'
    )


def _srcset(files: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{escape(url)} {width}w" for url, width in files)
