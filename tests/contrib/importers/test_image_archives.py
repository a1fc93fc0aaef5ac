"""Images in zip archives, beside or inside the export, uploaded by browser."""

import io
import shutil
import zipfile
from pathlib import Path
from unittest import mock

from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile

from articles.models import Article, Image, Section
from tests.contrib.importers.newsroom.test_pages import CATEGORY, ImportPageCase
from tests.contrib.importers.wordpress.files import export, item, meta
from tests.factories import image_file, make_member
from truthlytics.contrib.importers.media import archives
from truthlytics.contrib.importers.models import ImportRun

PICTURE = '<img src="https://old.example/wp-content/uploads/2014/05/bridge.jpg" alt="The closed bridge">'
EXPORT = export(
    item(1, title="The bridge", content=f"It was closed. {PICTURE}", more=CATEGORY),
    item(
        2, title="bridge", wp_post_type="attachment", wp_status="inherit",
        wp_attachment_url="https://old.example/wp-content/uploads/2014/05/bridge.jpg",
        more=meta("_wp_attached_file", "2014/05/bridge.jpg"),
    ),
)  # fmt: skip


def archive(**files):
    """A zip archive of files by their path."""
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w", zipfile.ZIP_DEFLATED) as written:
        for name, content in files.items():
            written.writestr(name, content)
    return data.getvalue()


class ImageArchiveTests(ImportPageCase):
    picture = image_file(kind="JPEG").getvalue()

    def send(self, **files):
        uploads = [SimpleUploadedFile(name, data) for name, data in files.items()]
        fields = {"format": "wordpress", "section": "Archive", "overdue": "draft", "shortcodes": "strip"}
        self.assertEqual(self.post("imports", files=uploads, **fields).status_code, 302)
        return ImportRun.objects.latest("pk")

    def assert_imported(self, run):
        self.assertEqual((run.status, run.problem), ("checked", ""))
        self.post("import_start", run.pk)
        self.assertIn(str(Image.objects.get().uuid), Article.objects.get().body)
        self.assertEqual(list(Path(settings.IMPORT_WORK_DIR).glob(".media-*")), [])

    def test_beside_the_export(self):
        for number, name in enumerate(("uploads", "backup/site/wp-content/uploads")):
            with self.subTest(name):
                files = {f"{name}/2014/05/bridge.jpg": self.picture, f"{name}/index.php": b"", "__MACOSX/a.jpg": b"x"}
                run = self.send(**{"site.xml": EXPORT, f"images-{number}.zip": archive(**files)})
                self.assert_imported(run)
                self.post("import_undo", run.pk)
                self.assertFalse(Image.objects.exists())

    def test_inside_the_export(self):
        files = {"export.xml": EXPORT, "wp-content/uploads/2014/05/bridge.jpg": self.picture}
        self.assert_imported(self.send(**{"site.zip": archive(**files)}))

    def test_an_archive_of_images_alone_is_no_export(self):
        run = self.send(**{"uploads.zip": archive(**{"uploads/a.jpg": self.picture})})
        self.assertEqual((run.status, "contains no XML file" in run.problem), ("new", True))

    def test_nothing_is_written_elsewhere(self):
        files = {
            "../../evil.jpg": self.picture,
            "/etc/evil.jpg": self.picture,
            "uploads/2014/05/bridge.jpg": self.picture,
        }
        self.assert_imported(self.send(**{"site.xml": EXPORT, "images.zip": archive(**files)}))
        work = Path(settings.IMPORT_WORK_DIR)
        self.assertEqual([*work.parent.rglob("evil.jpg"), *work.parent.parent.glob("evil.jpg")], [])

    def test_bombs_and_full_disks_are_refused(self):
        bomb = archive(**{"uploads/a.jpg": b"\0" * 20_000_000})
        run = self.send(**{"site.xml": EXPORT, "bomb.zip": bomb})
        self.assertIn("unpacks to far more", run.problem)
        with mock.patch.object(archives, "shutil", mock.Mock(wraps=shutil)) as disk:
            disk.disk_usage.return_value = shutil.disk_usage("/")._replace(free=10)
            run = self.send(**{"site.xml": EXPORT, "i.zip": archive(**{"uploads/2014/05/bridge.jpg": self.picture})})
        self.assertIn("not enough space", run.problem)
        run = self.send(**{"site.xml": EXPORT, "broken.zip": b"PK\x03\x04" + b"broken"})
        self.assertTrue(run.problem)


class BrowserImportTests(ImportPageCase):
    """What an editor of another system expects of the page."""

    def test_a_publisher_imports(self):
        self.client.force_login(make_member("Publisher"))
        self.assertEqual(self.imported().counts["new"], 4)

    def test_new_sections_stay_out_of_the_menu(self):
        Section.objects.create(name="News", slug="news")
        run = self.imported()
        self.assertContains(self.get("import", run.pk), "The new sections are not in the menu yet")
        self.assertEqual([section.name for section in Section.objects.in_menu()], ["News"])
        page = self.client.get("/")
        self.assertNotContains(page, "/section/world/")
        Section.objects.filter(slug="world").update(in_menu=True)
        self.assertEqual(Section.objects.in_menu().count(), 2)

    def test_labels_are_chosen_for_sections(self):
        run = self.choose()
        self.post("import_check", run.pk, sections_source=["World"], sections_name=[""], sections_label=["report"])
        self.assertContains(self.get("import", run.pk), '<option value="report" selected>')
        self.post("import_start", run.pk)
        self.assertEqual(set(Article.objects.filter(section__slug="world").values_list("kind", flat=True)), {"report"})
