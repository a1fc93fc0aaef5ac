"""Pictures: what comes in, what is refused before it is decoded, what goes out."""

import io
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import TestCase
from PIL import Image as Pillow

from articles.images import facts, make_missing, wanted_widths
from articles.models import Image
from articles.services.library import add_to_library, make_renditions
from tests.factories import make_article, make_image, picture_file


def png_header(width: int, height: int) -> io.BytesIO:
    """A PNG that says it is huge; decoding it would take gigabytes."""
    buffer = io.BytesIO()
    Pillow.new("1", (8, 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    import zlib

    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return io.BytesIO(bytes(data))


def moving_gif() -> io.BytesIO:
    buffer = io.BytesIO()
    frames = [Pillow.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    buffer.seek(0)
    return buffer


class LibraryTests(TestCase):
    def test_what_is_no_picture_or_too_large_a_one_is_refused_with_a_sentence(self):
        cases = {
            "empty": io.BytesIO(),
            "text": io.BytesIO(b"<html>"),
            "svg": io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
            "bomb": png_header(13_000, 13_000),
            "greater bomb": png_header(50_000, 50_000),
            "moving": moving_gif(),
            "gif": picture_file(kind="GIF"),
        }
        for name, file in cases.items():
            with self.subTest(name), self.assertRaises(ValidationError) as caught:
                add_to_library(file=file, alt="a", credit="b")
            self.assertTrue(caught.exception.messages[0].endswith("."))
        self.assertFalse(Image.objects.exists())

    def test_the_same_file_is_the_same_picture(self):
        first = add_to_library(file=picture_file(), alt="a", credit="b")
        self.assertEqual(add_to_library(file=picture_file(), alt="c", credit="d"), first)

    def test_renditions_are_made_once_and_served_for_ever(self):
        image = make_image(file=picture_file(width=1000, height=500))
        with self.captureOnCommitCallbacks(execute=True):
            make_renditions.enqueue(image.pk)
        make_missing(image)
        made = list(image.renditions.values_list("format", "width", "height").order_by("format", "width"))
        self.assertEqual(
            made, [(kind, w, h) for kind in ("jpeg", "webp") for w, h in ((480, 240), (800, 400), (1000, 500))]
        )
        response = self.client.get(image.renditions.first().file.url)
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(b"".join(response.streaming_content))

    def test_no_address_leads_to_an_original(self):
        image = make_image()
        for name in (image.file.name, f"{image.sha256}.png", f"originals/{image.file.name}"):
            self.assertEqual(self.client.get(f"/media/{name}").status_code, 404)

    def test_where_it_was_taken_stays_behind(self):
        file, picture = io.BytesIO(), Pillow.new("RGB", (600, 400), "olive")
        exif = Pillow.Exif()
        exif[0x8825] = {1: "N", 2: (52.0, 22.0, 0.0)}
        exif[0x0112] = 6
        picture.save(file, "JPEG", exif=exif)
        file.seek(0)
        image = add_to_library(file=file, alt="a", credit="b")
        self.assertEqual((image.width, image.height), (400, 600))
        make_missing(image)
        with Pillow.open(image.renditions.filter(format="jpeg").first().file) as made:
            self.assertEqual(dict(made.getexif()), {})
            self.assertEqual(made.width, 400)

    def test_a_page_published_before_its_pictures_are_ready_gets_them_when_they_are(self):
        image = make_image(file=picture_file(width=700, height=400), alt="A harbour")
        article = make_article(lead=image)
        digest = article.live.digest
        self.assertNotContains(self.client.get(article.get_absolute_url()), "<picture>")
        make_renditions.call(image.pk)
        self.assertContains(self.client.get(article.get_absolute_url()), 'alt="A harbour"')
        article.live.refresh_from_db()
        self.assertEqual(article.live.digest, digest)

    def test_widths(self):
        self.assertEqual(wanted_widths(400), [400])
        self.assertEqual(wanted_widths(800), [480, 800])
        self.assertEqual(wanted_widths(4000), [480, 800, 1200, 1800])


class HostileFileTests(TestCase):
    def refused(self, data, words):
        with self.assertRaisesMessage(ValidationError, words):
            facts(io.BytesIO(data))

    def test_a_bomb_is_refused_before_it_is_decoded(self):
        with mock.patch("PIL.PngImagePlugin.PngImageFile.load", side_effect=AssertionError("decoded")):
            self.refused(png_header(13_000, 13_000).getvalue(), "more than 40 megapixels")

    def test_what_was_cut_off_is_refused_whatever_its_kind(self):
        for kind in ("PNG", "JPEG", "WEBP"):
            whole = picture_file(kind=kind, width=640, height=480).getvalue()
            facts(io.BytesIO(whole))
            with self.subTest(kind):
                self.refused(whole[: len(whole) * 2 // 3], "damaged")
