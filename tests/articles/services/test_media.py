"""The image library: accepted files, renditions, and hostile files."""

import io
import zlib
from datetime import timedelta
from unittest import mock

from django.core.exceptions import ValidationError
from django.test import TestCase
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from PIL import Image as Pillow

from articles.media.html import picture_tag
from articles.media.renditions import create_missing_renditions, inspect_image, responsive_image
from articles.models import Image, Rendition
from articles.models.media import wanted_widths
from articles.services.media import add_to_library, make_first_renditions, make_missing_renditions, make_renditions
from tests.budget import takes_longer
from tests.factories import image_file, make_article, make_image
from truthlytics.web.queues import SLOW

DATABASE_TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend", "QUEUES": []}}


def png_header(width: int, height: int) -> io.BytesIO:
    """A PNG header that claims a huge size; decoding it would take gigabytes."""
    buffer = io.BytesIO()
    Pillow.new("1", (8, 8)).save(buffer, "PNG")
    data = bytearray(buffer.getvalue())
    data[16:24] = width.to_bytes(4, "big") + height.to_bytes(4, "big")
    data[29:33] = zlib.crc32(bytes(data[12:29])).to_bytes(4, "big")
    return io.BytesIO(bytes(data))


def animated_webp() -> io.BytesIO:
    buffer = io.BytesIO()
    frames = [Pillow.new("RGB", (4, 4), color) for color in ("red", "blue")]
    frames[0].save(buffer, "WEBP", save_all=True, append_images=frames[1:])
    buffer.seek(0)
    return buffer


def enqueued():
    return mock.patch.object(type(make_renditions), "enqueue")


class LibraryTests(TestCase):
    def test_invalid_and_oversized_files_are_refused(self):
        cases = {
            "empty": io.BytesIO(),
            "text": io.BytesIO(b"<html>"),
            "svg": io.BytesIO(b'<svg xmlns="http://www.w3.org/2000/svg"/>'),
            "bomb": png_header(13_000, 13_000),
            "larger bomb": png_header(50_000, 50_000),
            "animated": animated_webp(),
            "too high": image_file(width=300, height=16_400),
            "gif": image_file(kind="GIF"),
        }
        for name, file in cases.items():
            with self.subTest(name), self.assertRaises(ValidationError) as raised:
                add_to_library(file=file, alt="a", credit="b")
            self.assertTrue(raised.exception.messages[0].endswith("."))
        self.assertFalse(Image.objects.exists())

    def test_iphone_photo_is_refused_with_advice(self):
        for brand in (b"heic", b"mif1"):
            file = io.BytesIO(b"\x00\x00\x00\x24ftyp" + brand + b"\x00" * 200)
            with self.assertRaisesMessage(ValidationError, "Export it as JPEG."):
                add_to_library(file=file)

    def test_same_file_is_stored_once(self):
        first = add_to_library(file=image_file(), alt="a", credit="b")
        self.assertEqual(add_to_library(file=image_file(), alt="c", credit="d"), first)

    @takes_longer("Renditions of images are made.")
    def test_renditions_are_made_once_and_cached_forever(self):
        image = make_image(file=image_file(width=1000, height=500))
        with self.captureOnCommitCallbacks(execute=True):
            make_renditions.enqueue(image.pk)
        create_missing_renditions(image)
        renditions = list(image.renditions.values_list("format", "width", "height").order_by("format", "width"))
        sizes = ((480, 240), (720, 360), (960, 480), (1000, 500))
        self.assertEqual(renditions, [(kind, w, h) for kind in ("avif", "jpeg", "webp") for w, h in sizes])
        response = self.client.get(image.renditions.first().file.url)
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=31536000, immutable")
        self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")
        self.assertTrue(b"".join(response.streaming_content))

    @takes_longer("Renditions of images are made.")
    def test_task_continues_in_another_when_its_time_is_over(self):
        image = make_image(file=image_file(width=1000, height=500))
        with mock.patch("articles.services.media.TASK_SECONDS", -1), enqueued() as again:
            make_renditions.call(image.pk)
        again.assert_called_once_with(image.pk)
        self.assertEqual(image.renditions.count(), 1)
        with enqueued() as again:
            make_renditions.call(image.pk)
        again.assert_not_called()
        self.assertEqual(image.renditions.count(), 12)

    @takes_longer("Renditions of images are made.")
    def test_new_image_has_its_first_sizes_before_older_work(self):
        with self.settings(TASKS=DATABASE_TASKS):
            make_renditions.enqueue(0)
            with self.captureOnCommitCallbacks(execute=True):
                image = make_image(file=image_file(width=1300, height=500))
            waiting = [row.task_path.rsplit(".", 1)[-1] for row in DBTaskResult.objects.ready().filter(queue_name=SLOW)]
            self.assertEqual(waiting, ["make_first_renditions", "make_renditions"])
            article = make_article(lead=image)
            self.assertNotContains(self.client.get(article.get_absolute_url()), "article__lead")
            make_first_renditions.call(image.pk)
            self.assertEqual(list(image.renditions.values_list("format", "width")), [("jpeg", 480), ("jpeg", 960)])
            page = self.client.get(article.get_absolute_url())
            self.assertContains(page, "article__lead")
            self.assertNotContains(page, 'type="image/avif"')
            self.assertEqual(DBTaskResult.objects.filter(args_kwargs__args=[image.pk]).count(), 2)
        make_renditions.call(image.pk)
        self.assertContains(self.client.get(article.get_absolute_url()), 'type="image/avif"')

    @takes_longer("Renditions of images are made.")
    def test_narrow_image_is_first_shown_at_its_own_width(self):
        image = make_image(file=image_file(width=300, height=200))
        make_first_renditions.call(image.pk)
        self.assertEqual(image.renditions.filter(format="jpeg").get().width, 300)

    def test_damaged_original_is_not_tried_again_at_once(self):
        image = make_image()
        image.file.storage.delete(image.file.name)
        with enqueued() as again:
            make_first_renditions.call(image.pk)
        again.assert_not_called()
        image.refresh_from_db()
        self.assertTrue(image.rendition_error)

    @takes_longer("Renditions of images are made.")
    def test_tick_stops_making_images_when_its_time_is_over(self):
        make_image(), make_image()
        soon = timezone.now() + timedelta(hours=1)
        with mock.patch("articles.services.media.TICK_SECONDS", -1):
            self.assertEqual(make_missing_renditions(soon), 0)
        self.assertEqual(make_missing_renditions(soon), 2)

    def test_originals_have_no_url(self):
        image = make_image()
        for name in (image.file.name, f"{image.sha256}.png", f"originals/{image.file.name}"):
            self.assertEqual(self.client.get(f"/media/{name}").status_code, 404)

    def test_renditions_have_no_location_metadata(self):
        file, pillow_image = io.BytesIO(), Pillow.new("RGB", (600, 400), "olive")
        exif = Pillow.Exif()
        exif[0x8825] = {1: "N", 2: (52.0, 22.0, 0.0)}
        exif[0x0112] = 6
        pillow_image.save(file, "JPEG", exif=exif)
        file.seek(0)
        image = add_to_library(file=file, alt="a", credit="b")
        self.assertEqual((image.width, image.height), (400, 600))
        create_missing_renditions(image)
        with Pillow.open(image.renditions.filter(format="jpeg").first().file) as rendition:
            self.assertEqual(dict(rendition.getexif()), {})
            self.assertEqual(rendition.width, 400)

    def test_article_published_before_its_renditions_gets_them_later(self):
        image = make_image(file=image_file(width=700, height=400), alt="A harbour")
        article = make_article(lead=image)
        digest = article.live.digest
        self.assertNotContains(self.client.get(article.get_absolute_url()), "<picture>")
        make_renditions.call(image.pk)
        self.assertContains(self.client.get(article.get_absolute_url()), 'alt="A harbour"')
        article.live.refresh_from_db()
        self.assertEqual(article.live.digest, digest)

    def test_format_is_used_once_all_widths_are_made(self):
        image = make_image(file=image_file(width=1000, height=500))
        create_missing_renditions(image)
        image.renditions.filter(format="avif", width=1000).delete()
        self.assertEqual(set(responsive_image(image).sources), {"jpeg", "webp"})
        self.assertEqual(image.progress, (11, 12))
        create_missing_renditions(image)
        markup = picture_tag(responsive_image(Image.objects.get()), "a", sizes="94vw")
        self.assertLess(markup.index("image/avif"), markup.index("image/webp"))
        self.assertLess(markup.index("image/webp"), markup.index("<img"))

    def test_content_type_of_each_format(self):
        image = make_image(file=image_file(width=300, height=200))
        create_missing_renditions(image)
        for rendition in image.renditions.all():
            response = self.client.get(rendition.file.url)
            self.assertEqual(response.headers["Content-Type"], f"image/{rendition.format}")
            self.assertEqual(response.headers["X-Content-Type-Options"], "nosniff")

    @takes_longer("Renditions of images are made.")
    def test_tick_makes_renditions_in_new_formats(self):
        image = make_image(file=image_file(width=700, height=400))
        make_renditions.call(image.pk)
        article = make_article(lead=image)
        image.renditions.filter(format="avif").delete()
        make_article(lead=make_image())
        make_renditions.call(Image.objects.first().pk)
        soon = timezone.now() + timedelta(hours=1)
        self.assertEqual(make_missing_renditions(timezone.now()), 0)
        self.assertEqual(make_missing_renditions(soon), 1)
        self.assertEqual(make_missing_renditions(soon), 0)
        self.assertContains(self.client.get(article.get_absolute_url()), 'type="image/avif"')

    @takes_longer("Renditions of images are made.")
    def test_lost_original_does_not_block_others(self):
        lost, other = make_image(), make_image()
        lost.file.storage.delete(lost.file.name)
        self.assertEqual(make_missing_renditions(timezone.now() + timedelta(hours=1)), 1)
        self.assertTrue(other.renditions.exists())

    def test_tallest_image_has_all_renditions(self):
        image = make_image(file=image_file(width=40, height=16_383))
        create_missing_renditions(image)
        self.assertEqual(image.renditions.count(), len(Rendition.Format.values))

    def test_missing_renditions_depend_on_width(self):
        for width in (300, 480, 481, 1800, 2600):
            create_missing_renditions(make_image(file=image_file(width=width, height=40)))
        self.assertFalse(Image.objects.without_renditions().exists())
        Rendition.objects.filter(width=1800, format="webp", image__width=2600).delete()
        self.assertEqual(Image.objects.without_renditions().get().width, 2600)

    def test_wanted_widths(self):
        self.assertEqual(wanted_widths(400), [400])
        self.assertEqual(wanted_widths(800), [480, 720, 800])
        self.assertEqual(wanted_widths(4000), [480, 720, 960, 1200, 1800])


class HostileFileTests(TestCase):
    def assert_refused(self, data, message):
        with self.assertRaisesMessage(ValidationError, message):
            inspect_image(io.BytesIO(data))

    def test_decompression_bomb_is_refused_before_decoding(self):
        with mock.patch("PIL.PngImagePlugin.PngImageFile.load", side_effect=AssertionError("decoded")):
            self.assert_refused(png_header(13_000, 13_000).getvalue(), "more than 40 megapixels")
            self.assert_refused(png_header(5000, 5000).getvalue(), "Save it as JPEG")

    def test_very_long_strip_is_refused_before_decoding(self):
        with mock.patch("PIL.PngImagePlugin.PngImageFile.load", side_effect=AssertionError("decoded")):
            for width, height in [(60_000, 400), (400, 60_000)]:
                self.assert_refused(png_header(width, height).getvalue(), "more than 20,000 pixels wide or high")

    def test_truncated_files_are_refused(self):
        for kind in ("PNG", "JPEG", "WEBP"):
            whole = image_file(kind=kind, width=640, height=480).getvalue()
            inspect_image(io.BytesIO(whole))
            with self.subTest(kind):
                self.assert_refused(whole[: len(whole) * 2 // 3], "damaged")
