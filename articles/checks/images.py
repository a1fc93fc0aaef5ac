"""Pictures that some readers cannot see, or that nobody is named for."""

from collections.abc import Iterator

from articles.checks.base import Check, Finding, Place, Weight, shortened
from articles.checks.manuscript import Manuscript, Shown

HEAVY = 2 * 1024 * 1024


def _used(manuscript: Manuscript) -> Iterator[tuple[Place, Shown | None]]:
    """Each picture once, where it stands first; None for one that the library no longer has."""
    places = [(Place("lead"), manuscript.text["lead"])] if manuscript.text["lead"] else []
    places += [(Place("body", block), uuid) for block, uuid in manuscript.figures]
    seen = set()
    for place, uuid in places:
        if uuid not in seen:
            seen.add(uuid)
            yield place, manuscript.pictures.get(uuid)


class PictureThere(Check):
    """Readers get nothing at all where a picture is gone from the library, not even its caption."""

    weight = Weight.BLOCKING

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for place, picture in _used(manuscript):
            if picture is None:
                yield self.found("A picture here is no longer in the library. Take it out, or choose another.", place)


class AltText(Check):
    """Who cannot see the picture is told by nothing else what is on it."""

    weight = Weight.BLOCKING

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for place, picture in _used(manuscript):
            if picture is not None and not picture.alt.strip():
                yield self.found(
                    f"The picture “{shortened(picture.name)}” has no description for those who cannot see it.",
                    place,
                    picture=picture.pk,
                )


class Credit(Check):
    """Whoever made the picture is named beside it; the law asks for it too."""

    weight = Weight.BLOCKING

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for place, picture in _used(manuscript):
            if picture is not None and not picture.credit.strip():
                yield self.found(
                    f"The picture “{shortened(picture.name)}” does not say who made it.", place, picture=picture.pk
                )


class PictureWeight(Check):
    """What readers wait for: the largest file that they may be sent. The original never leaves the newsroom."""

    weight = Weight.ADVICE

    def look(self, manuscript: Manuscript) -> Iterator[Finding]:
        for place, picture in _used(manuscript):
            if picture is not None and picture.weight > HEAVY:
                yield self.found(
                    f"The picture “{shortened(picture.name)}” weighs {picture.weight / 1024**2:.1f} MB on a large "
                    "screen. Readers on a slow line wait for it.",
                    place,
                    picture=picture.pk,
                )
