"""Images of an import: where their files come from, and what becomes of them in texts."""

import io
import json
import re
import tempfile
from pathlib import Path
from unittest import mock

from django.core.management import CommandError
from django.test import TestCase
from django.urls import reverse
from PIL import Image as Pillow

from articles.media.renditions import create_first_renditions
from articles.models import Article, Image, Redirect
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress.files import export, item, meta
from tests.factories import image_file, make_image, make_member, publish_change
from truthlytics.contrib.importers.formats import PARSERS
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.contrib.importers.undo import undo

SITE = "http://old.example/wp-content/uploads"
FIGURE = re.compile(r'<figure data-image="[0-9a-f-]{36}">')


def attachment(number, path, **fields):
    more = meta("_wp_attached_file", path) + meta("_wp_attachment_image_alt", fields.pop("alt", ""))
    return item(
        number,
        wp_post_type="attachment",
        wp_status="inherit",
        content="",
        more=more,
        link=f"https://old.example/picture-{number}/",
        wp_attachment_url=f"{SITE}/{path}",
        **fields,
    )


class MediaCase(TestCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.uploads = self.folder / "wp-content" / "uploads"

    def add_file(self, path, data=None, **options):
        file = self.uploads / path
        file.parent.mkdir(parents=True, exist_ok=True)
        options.setdefault("color", f"#{sum(map(ord, path)) * 7919 % 0xFFFFFF:06x}")
        file.write_bytes(data if data is not None else image_file(width=60, height=40, **options).getvalue())
        return file

    def run_import(self, *items, **options):
        """Return the output and the reported losses as (code, what)."""
        path, report = self.folder / "export.xml", self.folder / "report.jsonl"
        path.write_bytes(export(*items))
        options.setdefault("media", self.uploads)
        self.uploads.mkdir(parents=True, exist_ok=True)
        status, out = import_site("wordpress", path, report=report, **options)
        if status == 1:
            raise CommandError(out)
        lines = map(json.loads, report.read_text(encoding="utf-8").splitlines())
        return out, [(line["code"], line["what"]) for line in lines]

    def body(self, content, *media):
        """Import an article with `content`, and return its body, with the names of the files for their UUIDs."""
        self.run_import(*media, item(1, content=content))
        return self.named(Article.objects.get().body)

    def named(self, body):
        for image in Image.objects.all():
            body = body.replace(str(image.uuid), image.file_name)
        return body


class FolderTests(MediaCase):
    def test_image_arrives_with_what_the_library_says(self):
        self.add_file("2014/05/bridge.jpg", kind="JPEG")
        picture = attachment(9, "2014/05/bridge.jpg", title="Varn bridge", alt="A bridge", excerpt="Closed in May.")
        text = f'<img class="wp-image-9" src="{SITE}/2014/05/bridge-300x200.jpg" alt="">'
        out, losses = self.run_import(picture, item(1, content=text))
        image, article = Image.objects.get(), Article.objects.get()
        self.assertEqual((image.title, image.alt, image.caption), ("Varn bridge", "A bridge", "Closed in May."))
        self.assertEqual((image.terms, image.file_name), (f"{SITE}/2014/05/bridge.jpg", "bridge.jpg"))
        self.assertEqual(article.body, f'<figure data-image="{image.uuid}"></figure>')
        self.assertEqual((article.state(), losses), ("published", []))
        self.assertIn("1 media file added", out)
        self.assertEqual(ImportedObject.objects.get(kind="image").image, image)

    def test_images_without_a_credit_get_that_of_the_run(self):
        self.add_file("a.png")
        self.add_file("b.png")
        own = attachment(9, "b.png", alt="B")
        self.run_import(own, item(1, content=f'<img src="{SITE}/a.png"><img src="{SITE}/b.png">'), credit="Archive")
        self.assertEqual(list(Image.objects.values_list("credit", flat=True)), ["Archive", "Archive"])
        Image.objects.filter(alt="B").update(credit="A. Name")
        self.run_import(own, item(1, content=f'<p>Changed.</p><img src="{SITE}/b.png">'), credit="Other")
        self.assertEqual(Image.objects.get(alt="B").credit, "A. Name")

    def test_a_second_run_writes_nothing(self):
        self.add_file("a.png")
        items = attachment(9, "a.png"), item(1, content=f'<img src="{SITE}/a.png"><img src="{SITE}/gone.png">')
        self.run_import(*items)
        before = list(ImportedObject.objects.values()), list(Article.objects.values("updated_at"))
        self.run_import(*items)
        self.assertEqual((list(ImportedObject.objects.values()), list(Article.objects.values("updated_at"))), before)
        self.assertEqual((Image.objects.count(), ImportRun.objects.count()), (1, 1))

    def test_originals_are_preferred_to_sizes(self):
        self.add_file("2014/05/a.png", color="red")
        for name in ("2014/05/a-300x200.png", "2014/05/a-scaled.png"):
            self.add_file(name)
        body = self.body(f'<p><img src="{SITE}/2014/05/a-300x200.png"></p>', attachment(9, "2014/05/a-scaled.png"))
        self.assertEqual(body, '<figure data-image="a.png"></figure>')
        self.assertEqual(Image.objects.count(), 1)

    def assert_largest(self, place):
        for name, color in (("a-300x200", "red"), ("a-1024x683", "blue"), ("a-150x150", "green"), ("ab-9x9", "white")):
            self.add_file(f"{place}/{name}.png", color=color)
        lead = item(1, content="One.", more=meta("_thumbnail_id", "9"))
        shown = item(2, content=f'<img src="{SITE}/2014/05/a-300x200.png">')
        _, losses = self.run_import(attachment(9, "2014/05/a.png"), lead, shown)
        self.assertEqual((losses, [image.file_name for image in Image.objects.all()]), ([], ["a-1024x683.png"]))

    def test_the_largest_size_takes_the_place_of_a_missing_original(self):
        self.assert_largest("2014/05")

    def test_also_in_a_folder_with_all_files_side_by_side(self):
        self.assert_largest(".")

    def test_a_picture_that_is_too_large_is_replaced_by_its_largest_size(self):
        self.add_file("2014/05/a.png", color="red")
        self.add_file("2014/05/a-2560x1707.png", color="blue")
        self.add_file("2014/05/a-300x200.png", color="green")
        refused = mock.patch("articles.media.renditions.MAX_PIXELS", 60 * 40 - 1)
        large = image_file(width=60, height=40, color="red").getvalue()
        for name in ("a-2560x1707", "a-300x200"):
            self.add_file(
                f"2014/05/{name}.png",
                image_file(width=30, height=20, color="blue" if "2560" in name else "green").getvalue(),
            )
        self.assertEqual((self.uploads / "2014/05/a.png").read_bytes(), large)
        with refused:
            _, losses = self.run_import(
                attachment(9, "2014/05/a.png"), item(1, content="A.", more=meta("_thumbnail_id", "9"))
            )
        self.assertEqual((losses, Image.objects.get().file_name), ([], "a-2560x1707.png"))

    def test_another_description_of_the_same_image_is_reported(self):
        self.add_file("a.png")
        places = [
            item(number, content=f'<img src="{SITE}/a.png" alt="{alt}">')
            for number, alt in enumerate(("Ann", "Ben", "Ann"))
        ]
        _, losses = self.run_import(*places)
        self.assertEqual(losses, [("description", "Ben (here: Ann)")])

    def test_the_caption_of_a_missing_image_is_in_its_note_and_comes_back_with_it(self):
        caption = "<figcaption>Closed <b>in May</b></figcaption>"
        content = f'<p>One.</p><figure><img src="{SITE}/a.png" alt="A dam">{caption}</figure>'
        self.run_import(item(1, content=content))
        article = Article.objects.get()
        self.assertEqual(article.live.plain_all, "One.")
        self.assertIn("image not included: A dam. Caption: Closed in May", article.body)
        self.add_file("a.png")
        self.run_import(item(1, content=content), only_media=True)
        article.refresh_from_db()
        self.assertIn("<figcaption>Closed <strong>in May</strong></figcaption>", article.body)

    def test_a_name_that_ends_like_a_size_may_be_an_original(self):
        for name in ("2013/03/test-300x200.png", "2013/03/test-150x150.png"):
            self.add_file(name)
        media = attachment(8, "2013/03/test-300x200.png"), attachment(9, "2013/03/test-150x150.png")
        body = self.body(
            "".join(f'<p><img src="{SITE}/2013/03/test-{size}.png"></p>' for size in ("150x150", "300x200")), *media
        )
        self.assertEqual(re.findall("test-[0-9x]+", body), ["test-150x150", "test-300x200"])

    def assert_found(self, folder, name):
        self.run_import(item(1, content=f'<img src="{SITE}/2014/05/a.png">'), media=folder)
        self.assertEqual([image.file_name for image in Image.objects.all()], [name])

    def test_folders_above_the_uploads(self):
        self.add_file("2014/05/a.png")
        self.assert_found(self.uploads.parent, "a.png")

    def test_folder_of_the_whole_site_and_other_letters(self):
        self.add_file("2014/05/A.PNG")
        self.assert_found(self.folder, "A.PNG")

    def test_flat_folder(self):
        self.assert_found(self.add_file("../../flat/a.png").parent, "a.png")

    def test_a_name_that_is_not_unique_is_no_match(self):
        self.add_file("2014/05/a.png")
        self.assertIn("image not included", self.body(f'<img src="{SITE}/2013/01/a.png">'))
        flat = self.add_file("../flat/c.png").parent
        media = attachment(8, "2013/01/c.png"), attachment(9, "2014/01/c.png")
        self.run_import(*media, media=flat)
        self.assertFalse(Image.objects.exists())

    def test_nothing_outside_the_folder_is_read(self):
        secret = self.add_file("../secret.png")
        (self.uploads / "x").mkdir(parents=True)
        (self.uploads / "x" / "link.png").symlink_to(secret)
        (self.uploads / "x" / "up").symlink_to(secret.parent)
        paths = (
            "../secret.png",
            "x/../../secret.png",
            "x/link.png",
            "x/up/secret.png",
            "/secret.png",
            "secret.png",
            "x%2F..%2F..%2Fsecret.png",
            "..%5Csecret.png",
            str(secret),
            "x\\..\\..\\secret.png",
            "n" * 5000 + ".png",
        )
        media = [attachment(number, path) for number, path in enumerate(paths, start=20)]
        text = "".join(f'<p><img src="{SITE}/{path}"></p>' for path in paths)
        self.run_import(*media, item(1, content=text))
        self.assertFalse(Image.objects.exists())

    def test_unusable_files_are_reported_and_leave_a_note(self):
        self.add_file("broken.png", image_file().getvalue()[:300])
        self.add_file("text.jpg", b"<html><script>")
        self.add_file("empty.jpg", b"")
        text = "".join(
            f'<p><img src="{SITE}/{name}" alt="Map"></p>' for name in ("broken.png", "text.jpg", "empty.jpg")
        )
        out, losses = self.run_import(item(1, content=text))
        reasons = [what for code, what in losses if code == "image"]
        self.assertEqual(len(reasons), 3)
        for reason, expected in zip(reasons, ("damaged", "Not a JPEG", "empty"), strict=True):
            self.assertIn(expected, reason)
        self.assertEqual(Article.objects.get().body.count("image not included: Map"), 3)
        self.assertIn("3 missing", out)
        self.assertEqual(ImportedObject.objects.get(kind="article").missing_images, 3)

    def test_files_that_are_too_large_are_refused(self):
        self.add_file("a.png")
        with mock.patch("truthlytics.contrib.importers.media.library.MAX_BYTES", 50):
            _, losses = self.run_import(attachment(9, "a.png"))
        self.assertEqual(losses, [("media", f"{SITE}/a.png (It is larger than 30 MB)")])

    def test_still_gifs_are_converted_and_animations_refused(self):
        self.add_file("still.gif", kind="GIF")
        frames, moving = [image_file(color=color) for color in ("red", "blue")], io.BytesIO()
        first, second = (Pillow.open(frame) for frame in frames)
        first.save(moving, "GIF", save_all=True, append_images=[second])
        self.add_file("moving.gif", moving.getvalue())
        _, losses = self.run_import(attachment(8, "still.gif"), attachment(9, "moving.gif"))
        self.assertEqual(Image.objects.get().format, "png")
        self.assertEqual([code for code, _ in losses], ["media"])

    def test_the_same_content_is_stored_once(self):
        same = image_file(color="navy").getvalue()
        self.add_file("a.png", same)
        self.add_file("b.png", same)
        known = make_image(file=io.BytesIO(same), alt="Known", credit="Us")
        self.run_import(attachment(8, "a.png", alt="Other"), attachment(9, "b.png"))
        known.refresh_from_db()
        self.assertEqual((Image.objects.get(), known.alt, known.caption), (known, "Known", ""))
        self.assertEqual(ImportedObject.objects.filter(kind="image", image=known).count(), 2)

    def test_a_dry_run_counts_and_writes_nothing(self):
        self.add_file("a.png")
        items = attachment(9, "a.png"), item(1, content=f'<img src="{SITE}/a.png"><img src="{SITE}/gone.png">')
        out, _ = self.run_import(*items, dry_run=True)
        self.assertRegex(out, r"1 media file found \(\d+.bytes\), 0 to fetch, 1 missing")
        self.assertFalse(Image.objects.exists() or ImportedObject.objects.exists())

    def test_a_folder_that_does_not_exist_is_refused(self):
        with self.assertRaisesMessage(CommandError, "There is no folder"):
            self.run_import(item(1), media=self.folder / "none")


class LaterTests(MediaCase):
    """Images that are found in a later run."""

    def setUp(self):
        super().setUp()
        self.items = attachment(9, "a.png"), item(1, content=f'<p>One</p><img src="{SITE}/a.png" alt="Map">')

    def test_only_media_puts_images_where_their_notes_are(self):
        self.run_import(*self.items, media=None)
        article = Article.objects.get()
        self.assertIn("image not included: Map", article.body)
        self.add_file("a.png")
        self.run_import(*self.items, item(2), only_media=True)
        article.refresh_from_db()
        self.assertEqual(self.named(article.body), '<p>One</p><figure data-image="a.png"></figure>')
        self.assertEqual(article.live.note, "Images added from old.example")
        self.assertEqual((article.state(), Article.objects.count()), ("published", 1))
        self.assertEqual(ImportedObject.objects.get(kind="article").missing_images, 0)

    def test_edited_articles_are_reported(self):
        self.run_import(*self.items, media=None)
        article = Article.objects.get()
        article.headline = "Edited"
        article.save()
        publish_change(article, essential_checks_only=True)
        self.add_file("a.png")
        _, losses = self.run_import(*self.items, only_media=True)
        self.assertEqual([code for code, _ in losses], ["edited"])
        article.refresh_from_db()
        self.assertIn("image not included", article.body)

    def test_drafts_stay_drafts(self):
        items = self.items[0], item(1, content=f'<img src="{SITE}/a.png">', wp_status="draft")
        self.run_import(*items, media=None)
        self.add_file("a.png")
        self.run_import(*items, only_media=True)
        article = Article.objects.get()
        self.assertEqual((self.named(article.body), article.state()), ('<figure data-image="a.png"></figure>', "draft"))


class NoteTests(MediaCase):
    """What a missing image leaves behind."""

    def setUp(self):
        super().setUp()
        link = f'<p><a href="{SITE}/a.png"><img src="{SITE}/a.png" alt="Map"></a></p>'
        text = f'<p>See <img src="{SITE}/b.png"> here.</p>{link}'
        lead = attachment(9, "c.png", alt="A bridge"), item(1, content=text, more=meta("_thumbnail_id", "9"))
        self.run_import(*lead, item(2), media=None)
        self.article = Article.objects.get(slug="item-1")

    def test_notes_are_in_the_text_and_not_served(self):
        for note in ("<p><em>image not included: lead image A bridge</em></p>", "<em>image not included: Map</em>"):
            self.assertIn(note, self.article.body)
        self.assertEqual(self.article.live.free_html, "<p>See  here.</p>")
        self.assertNotIn("not included", self.article.live.plain_all)
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), "not included")

    def test_newsroom_finds_articles_without_their_images(self):
        self.client.force_login(make_member("Editor"))
        page = self.client.get(reverse("admin:articles_article_changelist"), {"images": "missing"})
        self.assertEqual(list(page.context["cl"].queryset), [self.article])

    def test_note_about_the_lead_image_goes_when_that_is_found(self):
        self.add_file("c.png")
        items = attachment(9, "c.png"), item(1, content="Text", more=meta("_thumbnail_id", "9"))
        self.run_import(*items)
        self.article.refresh_from_db()
        self.assertEqual((self.article.body, self.article.lead), ("<p>Text</p>", Image.objects.get()))


class UndoTests(MediaCase):
    def test_undoing_keeps_what_was_in_the_library_before(self):
        for name in ("a.png", "b.png"):
            self.add_file(name)
        known = make_image(file=(self.uploads / "a.png").open("rb"))
        self.run_import(attachment(8, "a.png"), attachment(9, "b.png"), item(1))
        self.assertEqual(Image.objects.count(), 2)
        undo(ImportRun.objects.get())
        self.assertEqual(list(Image.objects.all()), [known])


class ExportTests(MediaCase):
    """Files that are in the export itself."""

    def test_files_of_the_export_come_first(self):
        self.add_file("a.png", color="red")
        opened = image_file(width=30, height=20).getvalue()
        parser = PARSERS["wordpress"].parser
        with mock.patch.object(parser, "open_media", lambda self, media: io.BytesIO(opened), create=True):
            self.run_import(attachment(9, "a.png"), media=None)
        self.assertEqual(Image.objects.get().width, 30)

    def test_a_damaged_file_is_reported(self):
        def fail(self, media):
            raise RuntimeError("password required")

        parser = PARSERS["wordpress"].parser
        with mock.patch.object(parser, "open_media", fail, create=True):
            _, losses = self.run_import(attachment(9, "a.png"), media=None)
        self.assertIn("password required", losses[0][1])


class OldAddressTests(MediaCase):
    def test_old_addresses_of_images_and_sizes_redirect_once_they_are_public(self):
        self.add_file("2014/05/a.png")
        items = (
            attachment(9, "2014/05/a-scaled.png"),
            item(1, content=f'<img src="{SITE}/2014/05/a.png" class="wp-image-9">'),
        )
        self.add_file("2014/05/b.png")
        self.run_import(*items, attachment(10, "2014/05/b.png"))
        shown, hidden = Image.objects.order_by("pk")
        create_first_renditions(shown)
        create_first_renditions(hidden)
        url = shown.renditions.get().file.url
        for name in ("a.png", "a-scaled.png", "a-300x200.png", "a-1024x683.png"):
            with self.subTest(name):
                response = self.client.get(f"/wp-content/uploads/2014/05/{name}")
                self.assertEqual((response.status_code, response.get("Location")), (301, url))
        self.assertEqual(self.client.get("/wp-content/uploads/2014/05/b.png").status_code, 404)
        self.assertEqual(Redirect.objects.filter(image=hidden).count(), 1)
