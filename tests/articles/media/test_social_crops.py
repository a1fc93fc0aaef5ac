"""Social crops: the lead image cropped around its focal point for link previews."""

import json
import re
from io import BytesIO
from unittest import mock

from django.core.files.storage import storages
from django.test import SimpleTestCase, TestCase, tag
from django.urls import reverse
from django.utils import timezone
from PIL import Image as Pillow

from articles.media.renditions import create_missing_renditions
from articles.models import Image, SocialCrop
from articles.models.social_crops import crop_box
from articles.services.media import TASK_TIMEOUT, make_missing_renditions, make_renditions, replace_file
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_editor, make_image

RED, BLUE = (255, 0, 0), (0, 0, 255)


def halves(width=4000, height=900):
    """Return an image that is red on the left and blue on the right."""
    pillow_image = Pillow.new("RGB", (width, height), RED)
    pillow_image.paste(BLUE, (width // 2, 0, width, height))
    file = BytesIO()
    pillow_image.save(file, "PNG")
    file.seek(0)
    return file


def near(a_colour, b_colour):
    return all(abs(a - b) < 12 for a, b in zip(a_colour, b_colour, strict=True))


class CropBoxTests(SimpleTestCase):
    def test_largest_box_of_the_aspect_ratio_around_the_focal_point(self):
        for size, focal, expected in [
            ((1200, 630), (50, 50), (0, 0, 1200, 630)),
            ((2400, 630), (0, 50), (0, 0, 1200, 630)),
            ((2400, 630), (100, 50), (1200, 0, 2400, 630)),
            ((2400, 630), (50, 0), (600, 0, 1800, 630)),
            ((1200, 1630), (50, 10), (0, 100, 1200, 730)),
            ((1200, 1630), (50, 100), (0, 1000, 1200, 1630)),
            ((1, 4000), (50, 50), (0, 2000, 1, 2001)),
            ((4000, 1), (0, 0), (0, 0, 2, 1)),
        ]:
            with self.subTest(size=size, focal=focal):
                self.assertEqual(crop_box(*size, focal), expected)


@tag("sqlite")  # The pictures do not depend on the database, and tests of renditions run its queries.
class SocialCropTests(TestCase):
    def setUp(self):
        self.image = make_image(file=halves())
        self.image.focal_x = 0
        self.image.save()
        create_missing_renditions(self.image)
        self.article = make_article(lead=self.image)

    def head(self):
        page = self.client.get(self.article.get_absolute_url()).content.decode()
        meta = dict(re.findall(r'<meta property="(og:image[\w:]*)" content="([^"]*)"', page))
        json_ld_images = json.loads(
            re.search(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)[1]
        )["image"]
        return meta, json_ld_images

    def color(self, url):
        with storages["default"].open(url.rpartition("/")[2]) as file, Pillow.open(file) as pillow_image:
            pillow_image.load()
            return (
                pillow_image.size,
                pillow_image.getpixel((10, 10)),
                pillow_image.getpixel((pillow_image.width - 10, 10)),
            )

    def move(self, **focal):
        self.client.force_login(make_editor())
        fields = {"alt": self.image.alt, "credit": self.image.credit, "focal_x": 0, "focal_y": 50}
        with self.captureOnCommitCallbacks(execute=True):
            url = reverse("admin:articles_image_change", args=[self.image.pk])
            self.assertEqual(self.client.post(url, fields | focal).status_code, 302)
        self.client.logout()

    @takes_longer("Renditions of images are made.")
    def test_link_preview_shows_the_focal_point(self):
        meta, json_ld_images = self.head()
        self.assertEqual((meta["og:image:width"], meta["og:image:height"]), ("1200", "630"))
        size, left, right = self.color(meta["og:image"])
        self.assertEqual(size, (1200, 630))
        self.assertTrue(near(left, RED) and near(right, RED), (left, right))
        self.assertNotIn(meta["og:image"], json_ld_images)
        response = self.client.get(meta["og:image"].removeprefix("http://localhost:8000"))
        self.assertEqual((response.status_code, response.headers["Content-Type"]), (200, "image/jpeg"))

    @takes_longer("Renditions of images are made.")
    def test_new_focal_point_creates_a_new_crop_and_keeps_the_old_one(self):
        before = self.head()[0]["og:image"]
        self.move(focal_x=100)
        after = self.head()[0]["og:image"]
        self.assertNotEqual(before, after)
        self.assertTrue(all(near(part, BLUE) for part in self.color(after)[1:]))
        self.assertEqual(self.color(before)[0], (1200, 630))
        self.move(focal_x=0)
        self.assertEqual(self.head()[0]["og:image"], before)

    @takes_longer("Renditions of images are made.")
    def test_small_image_is_not_enlarged(self):
        self.article = make_article(lead=self.make_image_with_renditions(image_file(width=500, height=500)))
        meta, _ = self.head()
        self.assertEqual((meta["og:image:width"], meta["og:image:height"]), ("500", "262"))

    def make_image_with_renditions(self, file):
        image = make_image(file=file)
        create_missing_renditions(image)
        return image

    @takes_longer("Renditions of images are made.")
    def test_uncropped_image_is_used_until_the_crop_exists(self):
        with mock.patch("articles.media.renditions._create_social_crop"):
            image = self.make_image_with_renditions(image_file(width=900, height=600, color="pink"))
            self.article = make_article(lead=image)
        meta, json_ld_images = self.head()
        self.assertEqual([meta["og:image"]], json_ld_images)

    @takes_longer("Renditions of images are made.")
    def test_crop_is_created_once_and_without_exif(self):
        create_missing_renditions(self.image)
        [crop] = SocialCrop.objects.filter(image=self.image)
        with crop.file.open() as file, Pillow.open(file) as pillow_image:
            self.assertFalse(pillow_image.getexif())

    @takes_longer("Renditions of images are made.")
    def test_tick_creates_crops_of_older_images(self):
        SocialCrop.objects.all().delete()
        late = timezone.now() + 2 * TASK_TIMEOUT
        self.assertEqual(list(Image.objects.without_social_crop()), [self.image])
        self.assertEqual(make_missing_renditions(late), 1)
        self.assertEqual(make_missing_renditions(late), 0)
        self.assertTrue(SocialCrop.objects.exists())

    @takes_longer("Renditions of images are made.")
    def test_version_keeps_the_crop_of_its_original_file(self):
        replace_file(image=self.image, file=image_file(width=1300, height=1300, color="green"))
        make_renditions.call(self.image.pk)
        _, left, right = self.color(self.head()[0]["og:image"])
        self.assertTrue(near(left, RED) and near(right, BLUE), (left, right))
