"""Audio versions of articles. Only readers of the whole article can listen, through a view of the article."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from articles.models.media import originals
from articles.models.uploads import Upload


def recording_name(sha256: str, kind: str) -> str:
    """Return the file's name in the private storage."""
    return f"audio-{sha256}.{kind}"


def _name(recording: "Recording", filename: str) -> str:
    return recording_name(recording.sha256, recording.format)


class Recording(Upload):
    title = models.CharField(max_length=200, help_text=_("For the newsroom only."))
    file = models.FileField(storage=originals, upload_to=_name, max_length=200)
    format = models.CharField(max_length=8, editable=False)
    seconds = models.PositiveIntegerField(editable=False)
    size = models.PositiveIntegerField(editable=False)

    def __str__(self) -> str:
        return self.title

    def as_content(self) -> dict[str, str | int]:
        """Return what a version's content holds of it."""
        return {"sha256": self.sha256, "format": self.format, "seconds": self.seconds, "bytes": self.size}
