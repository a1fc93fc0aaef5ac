"""Checks for missing images, alt texts and credits, for images without sizes, and for large files."""

from collections.abc import Iterator

from django.utils.formats import number_format
from django.utils.translation import gettext as _

from articles.checks.base import Check, Finding, Location, Severity, truncate
from articles.checks.manuscript import ImageDetails, Manuscript

MAX_BYTES = 2 * 1024 * 1024


def _images(manuscript: Manuscript) -> Iterator[tuple[Location, ImageDetails | None]]:
    """Yield each image once, with its first location; None for an image that was deleted from the library."""
    uses = [(Location("lead"), manuscript.text["lead"])] if manuscript.text["lead"] else []
    uses += [(Location("body", block), uuid) for block, uuid in manuscript.figures]
    seen = set()
    for location, uuid in uses:
        if uuid not in seen:
            seen.add(uuid)
            yield location, manuscript.images.get(uuid)


class DeletedImage(Check):
    """Where an image was deleted from the library, readers see nothing at all, not even its caption."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for location, image in _images(manuscript):
            if image is None:
                yield self.finding(_("An image was deleted from the library. Remove or replace it."), location)


class MissingAltText(Check):
    """Readers who cannot see an image rely on its alt text."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for location, image in _images(manuscript):
            if image is not None and not image.alt.strip():
                yield self.finding(
                    _("The image “%(name)s” has no alt text.") % {"name": truncate(image.name)},
                    location,
                    image=image.pk,
                )


class MissingCredit(Check):
    """Copyright law requires a credit for the creator of an image."""

    severity = Severity.BLOCKING

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for location, image in _images(manuscript):
            if image is not None and not image.credit.strip():
                yield self.finding(
                    _("The image “%(name)s” has no credit.") % {"name": truncate(image.name)}, location, image=image.pk
                )


class UnfinishedImage(Check):
    """The page leaves out an image until its first size is made. A warning, because that takes only moments."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for location, image in _images(manuscript):
            if image is None or image.can_be_shown:
                continue
            message = (
                _("The image “%(name)s” could not be processed. Readers will not see it. Replace its file.")
                if image.failed
                else _("The image “%(name)s” is still being processed. Readers will not see it until that is done.")
            )
            yield self.finding(message % {"name": truncate(image.name)}, location, image=image.pk)


class LargeImage(Check):
    """Readers wait for the largest rendition on slow connections. The original file is never sent to them."""

    severity = Severity.ADVICE

    def run(self, manuscript: Manuscript) -> Iterator[Finding]:
        for location, image in _images(manuscript):
            if image is not None and image.max_bytes > MAX_BYTES:
                yield self.finding(
                    _("The image “%(name)s” is %(value)s MB on a large screen. It loads slowly on a poor connection.")
                    % {"name": truncate(image.name), "value": number_format(image.max_bytes / 1024**2, 1)},
                    location,
                    image=image.pk,
                )
