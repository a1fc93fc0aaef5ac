"""The picture library: originals that stay private, renditions that readers see."""

import uuid
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.db import models
from django.db.models import Case, Count, F, Value, When
from django.utils import timezone

# Fixed, so that every picture of a list comes in the same few sizes.
WIDTHS = (480, 800, 1200, 1800)


def originals() -> Storage:
    return storages["originals"]


def original_name(image: "Image", filename: str) -> str:
    """A name of our own: what the uploader called the file never reaches the disk."""
    return f"{image.uuid}.{image.format}"


def rendition_name(rendition: "Rendition", filename: str) -> str:
    return f"{rendition.sha256}.{rendition.extension}"


def wanted_widths(width: int) -> list[int]:
    """The fixed widths below the original's, and the original's own where it is narrower than the widest."""
    return [step for step in WIDTHS if step < width] + ([width] if width <= WIDTHS[-1] else [])


class ImageQuerySet(models.QuerySet["Image"]):
    def unfinished(self) -> Self:
        """Pictures that lack renditions, oldest first."""
        steps = [When(width__lte=step, then=Value(count)) for count, step in enumerate(WIDTHS, start=1)]
        wanted = Case(*steps, default=Value(len(WIDTHS))) * len(Rendition.Format.values)
        lacking = self.annotate(made=Count("renditions"), wanted=wanted).filter(made__lt=F("wanted"))
        return lacking.order_by("uploaded_at", "pk")


class Image(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(storage=originals, upload_to=original_name, max_length=200)
    title = models.CharField(max_length=200, blank=True, help_text="How the newsroom finds it. Never shown to readers.")
    alt = models.CharField(max_length=500, help_text="What is to be seen, for those who cannot see it.")
    caption = models.CharField(max_length=500, blank=True)
    credit = models.CharField(max_length=200, help_text="Who made it, such as “Photograph: A. Name”.")
    format = models.CharField(max_length=8, editable=False)
    sha256 = models.CharField(max_length=64, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False, related_name="+"
    )

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                name="one_image_per_file",
                violation_error_message="This very file is in the library already.",
            )
        ]

    def __str__(self) -> str:
        return self.title or self.alt[:80]

    @property
    def progress(self) -> tuple[int, int]:
        """How many renditions are made, and how many there will be."""
        return len(self.renditions.all()), len(wanted_widths(self.width)) * len(Rendition.Format.values)


class Rendition(models.Model):
    class Format(models.TextChoices):
        """In the order in which they are made: what every browser shows first, what takes longest last."""

        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    format = models.CharField(max_length=8, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=rendition_name, max_length=200)

    class Meta:
        ordering = ["width"]
        constraints = [
            models.UniqueConstraint(fields=["image", "format", "width"], name="one_rendition_per_format_and_width")
        ]

    def __str__(self) -> str:
        return f"{self.width} px {self.format}"

    @property
    def extension(self) -> str:
        return "jpg" if self.format == self.Format.JPEG else self.format
