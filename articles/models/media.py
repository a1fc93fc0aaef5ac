"""The image library: private originals, and the renditions that readers get."""

import uuid
from typing import Self

from django.conf import settings
from django.core.files.storage import Storage, storages
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Case, Count, Exists, F, OuterRef, Q, Value, When
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.models.uploads import Upload
from articles.responsibility import ImageAIUse, image_label
from truthlytics.web.users import User

# The widths of renditions in pixels.
WIDTHS = (480, 720, 960, 1200, 1800)


def originals() -> Storage:
    return storages["originals"]


def original_name(image: "Image", filename: str) -> str:
    """Name the file ourselves: the uploader's file name is never used on disk."""
    return f"{image.uuid}-{image.sha256[:16]}.{image.format}"


def rendition_name(rendition: "Rendition", filename: str) -> str:
    return f"{rendition.sha256}.{rendition.extension}"


def wanted_widths(width: int) -> list[int]:
    """Return the widths below the original's, and the original's own if it is no wider than the widest."""
    return [option for option in WIDTHS if option < width] + ([width] if width <= WIDTHS[-1] else [])


class Licence(models.TextChoices):
    RESERVED = "All rights reserved", _("All rights reserved")
    BY = "CC BY 4.0", "CC BY 4.0"
    BY_SA = "CC BY-SA 4.0", "CC BY-SA 4.0"
    CC0 = "CC0 1.0", "CC0 1.0"
    PUBLIC_DOMAIN = "Public domain", _("Public domain")
    AGENCY = "Agency", _("Agency")
    OTHER = "Other terms", _("Other terms")


# Licences shown to readers next to the credit.
OPEN_LICENCES = {Licence.BY, Licence.BY_SA, Licence.CC0, Licence.PUBLIC_DOMAIN}


class ImageQuerySet(models.QuerySet["Image"]):
    def without_renditions(self) -> Self:
        """Return the images that lack renditions, oldest first."""
        widths = [When(width__lte=width, then=Value(count)) for count, width in enumerate(WIDTHS, start=1)]
        wanted = Case(*widths, default=Value(len(WIDTHS))) * len(Rendition.Format.values)
        made = Count("renditions", filter=Q(renditions__original=F("sha256")))
        return self.annotate(made=made, wanted=wanted).filter(made__lt=F("wanted")).order_by("uploaded_at", "pk")

    def without_social_crop(self) -> Self:
        """Return the images without a link preview for their current file and focal point, oldest first."""
        current = Q(
            social_crops__original=F("sha256"), social_crops__focal_x=F("focal_x"), social_crops__focal_y=F("focal_y")
        )
        crops = self.model.objects.filter(current, pk=OuterRef("pk"))
        return self.filter(~Exists(crops)).order_by("uploaded_at", "pk")

    def incomplete(self) -> Self:
        """Return the images that cannot be published yet, without alt text or credit."""
        return self.filter(complete=False)

    def editable_by(self, user: User) -> Self:
        """Return the images that `user` may edit: all, or their own uploads that were never published."""
        if user.has_perm("articles.change_image"):
            return self
        return self.filter(uploaded_by=user).exclude(usages__version__isnull=False)

    def used_in_texts_only(self) -> Self:
        """Return the images that no author has as a portrait, and that no row protects besides `ImageUsage`."""
        relations = {relation.name for relation in Image._meta.related_objects if relation.on_delete is models.PROTECT}
        return self.filter(portrait_of=None, **dict.fromkeys(relations - {"usages"}))

    def unused(self) -> Self:
        """Return the images that are used nowhere but in pages. For these, see `image_uuids_in_pages`."""
        return self.used_in_texts_only().filter(usages=None)


class Image(Upload):
    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    file = models.FileField(storage=originals, upload_to=original_name, max_length=200)
    title = models.CharField(max_length=200, blank=True, help_text=_("For the newsroom only."))
    alt = models.CharField(max_length=500, blank=True, help_text=_("Describes the image for people who cannot see it."))
    caption = models.CharField(max_length=500, blank=True)
    credit = models.CharField(max_length=200, blank=True, help_text=_("For example “Photograph: A. Name”."))
    licence = models.CharField(max_length=20, choices=Licence, blank=True)
    terms = models.CharField(
        _("terms or source"),
        max_length=300,
        blank=True,
        help_text=_("A URL, or what was agreed. For the newsroom only."),
    )
    ai_use = models.CharField(
        _("use of AI"),
        max_length=7,
        choices=ImageAIUse,
        blank=True,
        default="",
        db_default="",
        help_text=_("Readers see it beside the caption, wherever the image is shown. Set from the file if it says so."),
    )
    # Since when the image is marked.
    ai_marked_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The focal point in percent from the left and the top. Crops keep it visible.
    # xgettext:no-python-format
    focal_x = models.PositiveSmallIntegerField(_("% from the left"), default=50, validators=[MaxValueValidator(100)])
    # xgettext:no-python-format
    focal_y = models.PositiveSmallIntegerField(_("% from the top"), default=50, validators=[MaxValueValidator(100)])
    # Computed by the database: whether the image can be published.
    complete = models.GeneratedField(
        expression=Case(When(Q(alt="") | Q(credit=""), then=Value(False)), default=Value(True)),
        output_field=models.BooleanField(),
        db_persist=True,
    )
    # Metadata of the file, offered as defaults: title, alt, caption, credit, licence, terms.
    proposed = models.JSONField(default=dict, blank=True, editable=False)
    file_name = models.CharField(max_length=200, blank=True, editable=False)
    # Why the renditions could not be made, as a sentence.
    rendition_error = models.CharField(max_length=200, blank=True, editable=False)
    format = models.CharField(max_length=8, editable=False)
    width = models.PositiveIntegerField(editable=False)
    height = models.PositiveIntegerField(editable=False)

    objects = ImageQuerySet.as_manager()

    class Meta(Upload.Meta):
        indexes = [models.Index(fields=["-uploaded_at", "-id"], name="image_by_date")]
        constraints = [
            *Upload.Meta.constraints,
            models.CheckConstraint(
                condition=Q(focal_x__lte=100, focal_y__lte=100),
                name="image_focal_point_valid",
                violation_error_message=_("The focal point is outside the image."),
            ),
        ]

    def __str__(self) -> str:
        return self.title or self.alt[:80] or self.file_name or gettext("Untitled image")

    def original(self, sha256: str = "") -> "Image | ReplacedFile":
        """Return the current or replaced file with this digest; the current one if the digest is unknown."""
        if sha256 in {"", self.sha256}:
            return self
        return next((file for file in self.replaced_files.all() if file.sha256 == sha256), self)

    def mark_ai_use(self, use: str) -> None:
        """Mark the image as made or changed by AI, or as neither. Does not save."""
        if use != self.ai_use or bool(use) != bool(self.ai_marked_at):
            self.ai_use, self.ai_marked_at = use, timezone.now() if use else None

    @property
    def credit_line(self) -> str:
        """The credit as shown to readers, with the licence if it is an open one."""
        return f"{self.credit} · {self.licence}" if self.licence in OPEN_LICENCES else self.credit

    @property
    def ai_label(self) -> str:
        """What readers see beside the caption of an image by AI; else ""."""
        return image_label(self.ai_use)

    @property
    def focal(self) -> tuple[int, int]:
        return self.focal_x, self.focal_y

    @property
    def can_be_shown(self) -> bool:
        """Whether readers can see the current file: whether a JPEG of it exists."""
        jpegs = (rendition for rendition in self.renditions.all() if rendition.format == Rendition.Format.JPEG)
        return any(rendition.original == self.sha256 for rendition in jpegs)

    @property
    def progress(self) -> tuple[int, int]:
        """The number of renditions made, and the number wanted."""
        made = sum(rendition.original == self.sha256 for rendition in self.renditions.all())
        return made, len(wanted_widths(self.width)) * len(Rendition.Format.values)


class ReplacedFile(models.Model):
    """A previous file of an image, kept for the versions that use it."""

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
        constraints = [models.UniqueConstraint(fields=["image", "sha256"], name="replaced_file_unique")]

    def __str__(self) -> str:
        return f"{self.image}, before {self.replaced_at:%Y-%m-%d}"


class Rendition(models.Model):
    class Format(models.TextChoices):
        """In the order they are made: the most compatible first, the slowest last."""

        JPEG = "jpeg", "JPEG"
        WEBP = "webp", "WebP"
        AVIF = "avif", "AVIF"

    image = models.ForeignKey(Image, models.CASCADE, related_name="renditions")
    # The digest of the file it was made from: the current or a replaced one.
    original = models.CharField(max_length=64, default="")
    format = models.CharField(max_length=8, choices=Format)
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=rendition_name, max_length=200)

    class Meta:
        ordering = ["width"]
        constraints = [
            models.UniqueConstraint(fields=["image", "original", "format", "width"], name="rendition_unique")
        ]

    def __str__(self) -> str:
        return f"{self.width} px {self.format}"

    @property
    def extension(self) -> str:
        return "jpg" if self.format == self.Format.JPEG else self.format
