"""What stands beside a shared link: a picture cut as every service cuts it, so that what matters stays in sight."""

from django.db import models
from django.db.models import Q

from articles.models.media import Image

WIDTH, HEIGHT = 1200, 630


class SocialCrop(models.Model):
    """A JPEG of one file of a picture, cut round one focal point. Whatever was shared once keeps its file."""

    image = models.ForeignKey(Image, models.CASCADE, related_name="social_crops")
    # The digest of the file that it was cut from.
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
                condition=Q(focal_x__lte=100, focal_y__lte=100), name="crop_round_a_point_in_the_picture"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.width} × {self.height} px of picture {self.image_id}"


def crop_box(width: int, height: int, focal: tuple[int, int]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of the largest part in the shape of a shared link, as near to `focal` as it goes.

    `focal` is in percent, and means what `object-position` does in the site's own crops.
    """
    across, down = min(width, round(height * WIDTH / HEIGHT)), min(height, round(width * HEIGHT / WIDTH))
    across, down = max(1, across), max(1, down)
    left, top = round((width - across) * focal[0] / 100), round((height - down) * focal[1] / 100)
    return left, top, left + across, top + down
