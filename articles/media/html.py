"""Responsive images: `<picture>` elements with AVIF, WebP and JPEG sources and explicit dimensions."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

from django.utils.html import escape

from articles.responsibility import image_label
from truthlytics.web.types import Content

CENTRE = (50, 50)
# Focal points are rounded to steps of this many per cent, one CSS class per step.
FOCAL_STEP = 10


@dataclass(frozen=True, slots=True)
class ResponsiveImage:
    """The renditions of one image. `sources` maps "avif", "webp" and "jpeg" to (URL, width in px), narrow to wide.

    `focal` is the focal point that crops keep visible, in per cent from the left and from the top. `ai_use` is one of
    ImageAIUse, or "".
    """

    width: int
    height: int
    sources: Mapping[str, tuple[tuple[str, int], ...]]
    focal: tuple[int, int] = CENTRE
    ai_use: str = ""

    def as_json(self) -> dict[str, object]:
        data: dict[str, object] = {
            "width": self.width,
            "height": self.height,
            "sources": {k: [list(s) for s in v] for k, v in self.sources.items()},
        }
        # Defaults are omitted, so that data stored before these existed compares as equal.
        if self.focal != CENTRE:
            data["focal"] = list(self.focal)
        return data | {"ai_use": self.ai_use} if self.ai_use else data

    @classmethod
    def from_json(cls, data: Content) -> Self:
        sources = {name: tuple((url, width) for url, width in files) for name, files in data["sources"].items()}
        x, y = data.get("focal", CENTRE)
        return cls(data["width"], data["height"], sources, (x, y), data.get("ai_use", ""))

    def up_to(self, width: int) -> Self:
        """Return the image without files wider than `width`, apart from the narrowest of each format."""
        sources = {
            name: tuple(file for file in files if file[1] <= width) or files[:1] for name, files in self.sources.items()
        }
        return replace(self, sources=sources)

    @property
    def ai_label(self) -> str:
        """What readers see beside the caption of an image by AI; else ""."""
        return image_label(self.ai_use)

    @property
    def is_tall(self) -> bool:
        return self.height > self.width

    @property
    def focal_classes(self) -> str:
        """The CSS classes that set `object-position` for a crop (css/components/teaser.css); "" for the centre."""
        steps = [round(value / FOCAL_STEP) * FOCAL_STEP for value in self.focal]
        return " ".join(f"f{axis}{value}" for axis, value in zip("xy", steps, strict=True) if value != 50)

    @property
    def largest(self) -> str:
        """The URL of the widest JPEG, for feeds and search engines; "" if there are no renditions yet."""
        files = self.sources.get("jpeg") or ()
        return files[-1][0] if files else ""


def picture_tag(image: ResponsiveImage, alt: str, *, sizes: str, first: bool = False, cropped: bool = False) -> str:
    """Render `<picture>` with srcset, or "" if there are no renditions yet.

    `first` loads the image with high priority instead of lazily: use it for the one that is visible at once.
    `cropped` adds the classes of the focal point.
    """
    if not image.sources.get("jpeg"):
        return ""
    loading = ' fetchpriority="high"' if first else ' loading="lazy" decoding="async"'
    sources = "".join(
        f'<source type="image/{name}" srcset="{_srcset(image.sources[name])}" sizes="{sizes}">'
        for name in ("avif", "webp")
        if image.sources.get(name)
    )
    classes = f' class="{image.focal_classes}"' if cropped and image.focal_classes else ""
    fallback = image.sources["jpeg"][len(image.sources["jpeg"]) // 2][0]
    return (
        f'<picture>{sources}<img src="{escape(fallback)}" srcset="{_srcset(image.sources["jpeg"])}" sizes="{sizes}" '
        f'alt="{escape(alt)}" width="{image.width}" height="{image.height}"{classes}{loading}></picture>'
    )


def _srcset(files: tuple[tuple[str, int], ...]) -> str:
    return ", ".join(f"{escape(url)} {width}w" for url, width in files)
