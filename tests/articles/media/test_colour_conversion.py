"""Colour conversion of images: greyscale, colour profiles, CMYK and transparency."""

import io
from unittest import mock

from django.test import TestCase
from PIL import Image as Pillow
from PIL import ImageChops, ImageCms

from articles.media import renditions
from articles.media.renditions import create_missing_renditions, inspect_image
from tests.factories import make_image

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def encode(pillow_image, image_format="PNG", **options):
    buffer = io.BytesIO()
    pillow_image.save(buffer, image_format, **options)
    buffer.seek(0)
    return buffer


def swapped_profile():
    """Return a colour profile with red and blue swapped."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)


class ColourConversionTests(TestCase):
    def assertRendered(self, file, colour):
        image = make_image(file=file)
        create_missing_renditions(image)
        with image.renditions.filter(format="jpeg").first().file.open() as rendition, Pillow.open(rendition) as shown:
            middle = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 2))
        for actual, expected in zip(middle, colour, strict=True):
            self.assertAlmostEqual(actual, expected, delta=4)

    def test_16_bit_greyscale_is_scaled(self):
        self.assertRendered(encode(Pillow.new("I;16", (60, 40), 0x8000)), (128, 128, 128))

    def test_transparent_areas_become_white(self):
        self.assertRendered(encode(Pillow.new("RGB", (60, 40), BLUE), transparency=BLUE), WHITE)
        self.assertRendered(encode(Pillow.new("L", (60, 40), 7), transparency=7), WHITE)
        self.assertRendered(encode(Pillow.new("RGBA", (60, 40), (*RED, 0))), WHITE)

    def test_embedded_profile_is_applied(self):
        red = Pillow.new("RGB", (60, 40), RED)
        self.assertRendered(encode(red, "JPEG", icc_profile=swapped_profile(), quality=95), BLUE)
        self.assertRendered(encode(red.convert("RGBA"), icc_profile=swapped_profile()), BLUE)

    def test_large_pictures_are_converted_in_strips_and_reduced(self):
        ramp = Pillow.linear_gradient("L").resize((600, 400))
        picture = Pillow.merge("RGBA", [ramp, ramp.transpose(Pillow.Transpose.ROTATE_180), ramp, ramp])
        with mock.patch.multiple(renditions, STRIP=7, MIN_WIDTH=200, MIN_HEIGHT=150):
            reduced = renditions.read_flat(Pillow.open(encode(picture)))
        whole = renditions.read_flat(Pillow.open(encode(picture)))
        self.assertEqual((whole.size, reduced.size), ((600, 400), (300, 200)))
        difference = ImageChops.difference(whole.resize((300, 200), Pillow.Resampling.BOX), reduced)
        self.assertLessEqual(max(high for _, high in difference.getextrema()), 1)

    def test_rotated_pictures_are_upright(self):
        exif = Pillow.Exif()
        exif[0x0112] = 6
        picture = renditions.read_flat(Pillow.open(encode(Pillow.new("RGB", (60, 40), RED), "JPEG", exif=exif)))
        self.assertEqual(picture.size, (40, 60))

    def test_invalid_profile_is_ignored(self):
        self.assertRendered(encode(Pillow.new("RGB", (60, 40), RED), icc_profile=b"nonsense"), RED)

    def test_cmyk_is_converted_to_rgb(self):
        self.assertRendered(encode(Pillow.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG", quality=95), RED)

    def test_jpeg_with_embedded_thumbnail_is_a_single_image(self):
        large, small = (Pillow.new("RGB", size, RED) for size in ((60, 40), (6, 4)))
        file = encode(large, "MPO", save_all=True, append_images=[small], quality=95)
        info = inspect_image(file)
        self.assertEqual((info.format, info.width, info.height), ("jpeg", 60, 40))
        self.assertRendered(file, RED)
