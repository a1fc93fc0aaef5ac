"""Tests of the few renditions that an image is shown with first."""

from unittest import mock

from django.test import SimpleTestCase, TestCase
from PIL import Image as Pillow

from articles.media import renditions
from articles.media.html import ResponsiveImage
from articles.media.renditions import create_first_renditions, create_missing_renditions, responsive_image
from articles.services import media
from articles.services.media import add_to_library
from tests.budget import takes_longer
from tests.factories import image_file


class FirstRenditionTests(TestCase):
    @takes_longer("Renditions of images are made.")
    def test_an_image_is_shown_with_two_jpegs_until_all_renditions_exist(self):
        image = add_to_library(file=image_file(width=1300, height=800), alt="A harbour")
        image.renditions.all().delete()
        create_first_renditions(image)
        first = responsive_image(image)
        widths = {name: [width for _, width in files] for name, files in first.sources.items()}
        self.assertEqual(widths, {"jpeg": [480, 960]})
        create_missing_renditions(image)
        self.assertEqual(set(responsive_image(image).sources), {"jpeg", "webp", "avif"})


class ScalingTests(TestCase):
    @takes_longer("Renditions of images are made.")
    def test_a_picture_is_scaled_once_for_each_width_and_not_for_each_format(self):
        image = add_to_library(file=image_file(width=1300, height=800), alt="A harbour")
        image.renditions.all().delete()
        scale = Pillow.Image.resize
        with mock.patch.object(Pillow.Image, "resize", autospec=True, side_effect=scale) as resize:
            create_missing_renditions(image)
        # 1300 is its own width; the link preview is 1200 wide too.
        self.assertEqual(sorted(call.args[1][0] for call in resize.call_args_list), [480, 720, 960, 1200, 1200])
        self.assertEqual(image.renditions.count(), 15)


class MemoryTests(TestCase):
    def test_the_pixels_of_the_original_are_freed_before_renditions_are_made(self):
        image = add_to_library(file=image_file(), alt="A harbour")
        with mock.patch.object(renditions, "read_flat", side_effect=renditions.read_flat) as read:
            renditions.read_original(image)
        (opened,) = read.call_args.args
        with self.assertRaisesMessage(ValueError, "Operation on closed image"):
            opened.getpixel((0, 0))

    def test_memory_goes_back_to_the_system_after_each_image(self):
        image = add_to_library(file=image_file(), alt="A harbour")
        with mock.patch.object(media, "release_memory") as release:
            media.make_renditions.call(image.pk)
            image.file.storage.delete(image.file.name)
            image.renditions.all().delete()
            with mock.patch.object(media.log, "exception") as logged:
                media.make_renditions.call(image.pk)
        logged.assert_called_once()
        self.assertEqual(release.call_count, 2)


class WidthTests(SimpleTestCase):
    def test_small_images_offer_no_wide_files(self):
        files = (("/a.jpg", 480), ("/b.jpg", 960), ("/c.jpg", 1800))
        image = ResponsiveImage(1800, 1200, {"jpeg": files, "avif": files[1:]})
        self.assertEqual(image.up_to(960).sources, {"jpeg": files[:2], "avif": files[1:2]})
        self.assertEqual(image.up_to(480).sources, {"jpeg": files[:1], "avif": files[1:2]})
