"""Images cropped for link previews on social networks, around the focal point."""

from django.db import models
from django.db.models import Q

from articles.models.media import Image

WIDTH, HEIGHT = 1200, 630


class SocialCrop(models.Model):
    """A JPEG of one file of an image, cropped around one focal point. Kept, because shared links refer to it."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="social_crops")
    # The digest of the file it was cropped from.
    original = models.CharField(max_length=64)
    focal_x = models.PositiveSmallIntegerField()
    focal_y = models.PositiveSmallIntegerField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    file = models.FileField(max_length=200)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["image", "original", "focal_x", "focal_y"], name="one_social_crop_per_focal_point"
            ),
            models.CheckConstraint(
                condition=Q(focal_x__lte=100, focal_y__lte=100), name="social_crop_focal_point_valid"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} px of image {self.image_id}"


def crop_box(width: int, height: int, focal: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return left, top, right and bottom of the largest area with the aspect ratio of link previews.

    `focal` is in percent and works like `object-position` in CSS.
    """
    across, down = min(width, round(height * WIDTH / HEIGHT)), min(height, round(width * HEIGHT / WIDTH))
    across, down = max(1, across), max(1, down)
    left, top = round((width - across) * focal[0] / 100), round((height - down) * focal[1] / 100)
    return left, top, left + across, top + down
