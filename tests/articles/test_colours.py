"""What readers see of a picture is what its editor sees: its greys, its colours, what shines through it."""

import io

from django.test import TestCase
from PIL import Image as Pillow
from PIL import ImageCms

from articles.media.renditions import facts, make_missing
from tests.factories import make_image

RED, BLUE, WHITE = (255, 0, 0), (0, 0, 255), (255, 255, 255)


def written(picture, kind="PNG", **options):
    buffer = io.BytesIO()
    picture.save(buffer, kind, **options)
    buffer.seek(0)
    return buffer


def reds_for_blues():
    """A profile in which the two have changed places."""
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    return profile.replace(b"rXYZ", b"....", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"....", b"bXYZ", 1)


class ColourTests(TestCase):
    def assertShown(self, file, colour):
        image = make_image(file=file)
        make_missing(image)
        with image.renditions.filter(format="jpeg").first().file.open() as rendition, Pillow.open(rendition) as shown:
            middle = shown.convert("RGB").getpixel((shown.width // 2, shown.height // 2))
        for found, wanted in zip(middle, colour, strict=True):
            self.assertAlmostEqual(found, wanted, delta=4)

    def test_sixteen_bits_of_grey_stay_grey(self):
        self.assertShown(written(Pillow.new("I;16", (60, 40), 0x8000)), (128, 128, 128))

    def test_what_is_transparent_is_white_however_it_says_so(self):
        self.assertShown(written(Pillow.new("RGB", (60, 40), BLUE), transparency=BLUE), WHITE)
        self.assertShown(written(Pillow.new("L", (60, 40), 7), transparency=7), WHITE)
        self.assertShown(written(Pillow.new("RGBA", (60, 40), (*RED, 0))), WHITE)

    def test_colours_are_what_the_profile_of_the_file_means_by_them(self):
        red = Pillow.new("RGB", (60, 40), RED)
        self.assertShown(written(red, "JPEG", icc_profile=reds_for_blues(), quality=95), BLUE)
        self.assertShown(written(red.convert("RGBA"), icc_profile=reds_for_blues()), BLUE)

    def test_a_profile_of_nothing_changes_nothing(self):
        self.assertShown(written(Pillow.new("RGB", (60, 40), RED), icc_profile=b"nonsense"), RED)

    def test_four_inks_are_three_lights(self):
        self.assertShown(written(Pillow.new("CMYK", (60, 40), (0, 255, 255, 0)), "JPEG", quality=95), RED)

    def test_a_photograph_with_a_small_copy_of_itself_behind_it_is_one_picture(self):
        large, small = (Pillow.new("RGB", size, RED) for size in ((60, 40), (6, 4)))
        file = written(large, "MPO", save_all=True, append_images=[small], quality=95)
        known = facts(file)
        self.assertEqual((known.format, known.width, known.height), ("jpeg", 60, 40))
        self.assertShown(file, RED)
