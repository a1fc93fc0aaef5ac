"""How a picture is written into a page: AVIF, else WebP, else JPEG; its sizes given so that nothing moves."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

from django.utils.html import escape

CENTRE = (50, 50)
# A crop hides a part of a picture, and the focal point chooses which: a tenth of that part is a step nobody sees.
FOCAL_STEP = 10


@dataclass(frozen=True, slots=True)
class Picture:
    """The files of one picture. `sources` maps "avif", "webp" and "jpeg" to (address, width in px), narrow to wide.

    `focal` is what a crop keeps in sight, in percent from the left and from the top.
    """

    width: int
    height: int
    sources: Mapping[str, tuple[tuple[str, int], ...]]
    focal: tuple[int, int] = CENTRE

    def as_json(self) -> dict[str, Any]:
        found: dict[str, Any] = {
            "width": self.width,
            "height": self.height,
            "sources": {k: [list(s) for s in v] for k, v in self.sources.items()},
        }
        # Only where somebody chose one: what was stored before there were any must not seem to differ.
        return found if self.focal == CENTRE else found | {"focal": list(self.focal)}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Self:
        sources = {name: tuple((url, width) for url, width in files) for name, files in value["sources"].items()}
        across, down = value.get("focal", CENTRE)
        return cls(value["width"], value["height"], sources, (across, down))

    @property
    def crop(self) -> str:
        """The classes that tell a crop where to look (css/components/teaser.css); "" for the middle."""
        near = [round(part / FOCAL_STEP) * FOCAL_STEP for part in self.focal]
        return " ".join(f"f{axis}{part}" for axis, part in zip("xy", near, strict=True) if part != 50)

    @property
    def largest(self) -> str:
        """The widest JPEG, for feeds and search engines; "" where none is made yet."""
        files = self.sources.get("jpeg") or ()
        return files[-1][0] if files else ""


def picture_tag(picture: Picture, alt: str, *, sizes: str, first: bool = False, cropped: bool = False) -> str:
    """`<picture>` with srcset. `first` is for the one picture that a reader sees at once, `cropped` for a cut one."""
    if not picture.sources.get("jpeg"):
        return ""
    eager = ' fetchpriority="high"' if first else ' loading="lazy" decoding="async"'
    smaller = "".join(
        f'<source type="image/{name}" srcset="{_srcset(picture.sources[name])}" sizes="{sizes}">'
        for name in ("avif", "webp")
        if picture.sources.get(name)
    )
    look = f' class="{picture.crop}"' if cropped and picture.crop else ""
    middle = picture.sources["jpeg"][len(picture.sources["jpeg"]) // 2][0]
    return (
        f'<picture>{smaller}<img src="{escape(middle)}" srcset="{_srcset(picture.sources["jpeg"])}" sizes="{sizes}" '
        f'alt="{escape(alt)}" width="{picture.width}" height="{picture.height}"{look}{eager}></picture>'
    )


def _srcset(files: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{escape(url)} {width}w" for url, width in files)
