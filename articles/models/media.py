"""The picture library: originals that stay private, renditions that readers see."""

import uuid
from typing import Any, Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone

# Fixed, so that every picture of a list comes in the same few sizes.
WIDTHS = (480, 720, 960, 1200, 1800)


def originals() -> Storage:
    return storages["originals"]


def original_name(image: "Image", filename: str) -> str:
    """A name of our own: what the uploader called the file never reaches the disk."""
    return f"{image.uuid}-{image.sha256[:16]}.{image.format}"


def rendition_name(rendition: "Rendition", filename: str) -> str:
    return f"{rendition.sha256}.{rendition.extension}"


def wanted_widths(width: int) -> list[int]:
    """The fixed widths below the original's, and the original's own where it is narrower than the widest."""
    return [step for step in WIDTHS if step < width] + ([width] if width <= WIDTHS[-1] else [])


class Licence(models.TextChoices):
    """The usual terms, written as people look for them."""

    RESERVED = "All rights reserved", "All rights reserved"
    BY = "CC BY 4.0", "CC BY 4.0"
    BY_SA = "CC BY-SA 4.0", "CC BY-SA 4.0"
    CC0 = "CC0 1.0", "CC0 1.0"
    PUBLIC_DOMAIN = "Public domain", "Public domain"
    AGENCY = "Agency", "Agency"
    OTHER = "Other terms", "Other terms"


# What readers are told beside the credit: these ask for it, or allow readers something.
OPEN_LICENCES = {Licence.BY, Licence.BY_SA, Licence.CC0, Licence.PUBLIC_DOMAIN}


class ImageQuerySet(models.QuerySet["Image"]):
    def without_renditions(self) -> Self:
        """Pictures that lack renditions, oldest first."""
        steps = [When(width__lte=step, then=Value(count)) for count, step in enumerate(WIDTHS, start=1)]
        wanted = Case(*steps, default=Value(len(WIDTHS))) * len(Rendition.Format.values)
        ours = Count("renditions", filter=Q(renditions__original=F("sha256")))
        return self.annotate(made=ours, wanted=wanted).filter(made__lt=F("wanted")).order_by("uploaded_at", "pk")

    def without_social_crop(self) -> Self:
        """Pictures of which nothing stands beside a shared link as they are cut today, oldest first."""
        today = Q(
            social_crops__original=F("sha256"), social_crops__focal_x=F("focal_x"), social_crops__focal_y=F("focal_y")
        )
        cut = self.model.objects.filter(today, pk=OuterRef("pk"))
        return self.filter(~Exists(cut)).order_by("uploaded_at", "pk")

    def incomplete(self) -> Self:
        """Pictures that nobody may publish yet: without alt text or credit."""
        return self.filter(complete=False)

    def editable_by(self, user: Any) -> Self:
        """Those whose words and file this member of the newsroom may change: all, or what they brought themselves
        and no version names yet."""
        if user.has_perm("articles.change_image"):
            return self
        return self.filter(uploaded_by=user).exclude(usages__version__isnull=False)

    def unused(self) -> Self:
        """Pictures that stand in no article, no version of one, and beside no author. (Pages: `image_uuids_in_pages`.)"""
        return self.filter(usages=None, portrait_of=None)


class Image(models.Model):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(storage=originals, upload_to=original_name, max_length=200)
    title = models.CharField(max_length=200, blank=True, help_text="How the newsroom finds it. Never shown to readers.")
    alt = models.CharField(max_length=500, blank=True, help_text="What is to be seen, for those who cannot see it.")
    caption = models.CharField(max_length=500, blank=True)
    credit = models.CharField(max_length=200, blank=True, help_text="Who made it, such as “Photograph: A. Name”.")
    licence = models.CharField(max_length=20, choices=Licence, blank=True)
    terms = models.CharField(
        "terms or source", max_length=300, blank=True, help_text="An address, or what was agreed. Not for readers."
    )
    # In percent from the left and from the top: what a crop keeps in sight.
    focal_x = models.PositiveSmallIntegerField("% from the left", default=50, validators=[MaxValueValidator(100)])
    focal_y = models.PositiveSmallIntegerField("% from the top", default=50, validators=[MaxValueValidator(100)])
    # What many are brought without; the database itself knows which of them may not be published.
    complete = models.GeneratedField(
        expression=Case(When(Q(alt="") | Q(credit=""), then=Value(False)), default=Value(True)),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # What the file says of itself, to be proposed: title, alt, caption, credit, licence, terms.
    proposed = models.JSONField(default=dict, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    # Why the renditions could not be made, where they could not.
    rendition_error = models.CharField(max_length=200, blank=True, editable=False)
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
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="image_by_date")]
        constraints = [
            models.UniqueConstraint(
                fields=["sha256"],
                name="one_image_per_file",
                violation_error_message="This very file is in the library already.",
            ),
            models.CheckConstraint(
                condition=Q(focal_x__lte=100, focal_y__lte=100),
                name="focal_point_in_the_picture",
                violation_error_message="The focal point lies outside of the picture.",
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.alt[:80] or self.file_name or "Picture without a name"

    def original(self, sha256: str = "") -> "Image | ReplacedFile":
        """The file with this digest: the one of now, or one that stood here before. A strange digest is now's."""
        if sha256 in {"", self.sha256}:
            return self
        return next((file for file in self.replaced_files.all() if file.sha256 == sha256), self)

    @property
    def credit_line(self) -> str:
        """The credit as readers get it: with the licence where that asks for it."""
        return f"{self.credit} · {self.licence}" if self.licence in OPEN_LICENCES else self.credit

    @property
    def focal(self) -> tuple[int, int]:
        return self.focal_x, self.focal_y

    @property
    def progress(self) -> tuple[int, int]:
        """How many renditions are made, and how many there will be."""
        made = sum(rendition.original == self.sha256 for rendition in self.renditions.all())
        return made, len(wanted_widths(self.width)) * len(Rendition.Format.values)


class ReplacedFile(models.Model):
    """A file that stood in the place of an image's: kept for the versions that show it."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="replaced_files")
    file = models.FileField(storage=originals, max_length=200)
    format = models.CharField(max_length=8)
    sha256 = models.CharField(max_length=64)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    replaced_at = models.DateTimeField(default=timezone.now)
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, related_name="+")

    class Meta:
        ordering = ["-replaced_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["image", "sha256"], name="earlier_file_once_per_image")]

    def __str__(self) -> str:
        return f"{self.image}, before {self.replaced_at:%Y-%m-%d}"


class Rendition(models.Model):
    class Format(models.TextChoices):
        """In the order in which they are made: what every browser shows first, what takes longest last."""

        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    # The digest of the file that it was made of: the image's own, or an earlier one's.
    original = models.CharField(max_length=64, default="")
    format = models.CharField(max_length=8, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=rendition_name, max_length=200)

    class Meta:
        ordering = ["width"]
        constraints = [
            models.UniqueConstraint(
                fields=["image", "original", "format", "width"], name="one_rendition_per_format_and_width"
            )
        ]

    def __str__(self) -> str:
        return f"{self.width} px {self.format}"

    @property
    def extension(self) -> str:
        return "jpg" if self.format == self.Format.JPEG else self.format
