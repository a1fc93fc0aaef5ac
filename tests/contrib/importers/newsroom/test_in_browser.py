"""An import in a browser: upload in parts, dry run, an author to map, start, report, the article, undo."""

import tempfile
from pathlib import Path
from unittest import mock

from playwright.sync_api import expect

from articles.models import Article, Author, Image
from tests.browser.base import BrowserTestCase, axe_violations
from tests.contrib.importers.wordpress.files import comment, export, item, meta
from tests.factories import image_file, make_author, make_editor
from truthlytics.contrib.importers.models import ImportRun

CATEGORY = '<category domain="category" nicename="world"><![CDATA[World]]></category>'
PICTURE = '<img src="https://old.example/wp-content/uploads/2014/05/bridge.jpg" alt="The closed bridge">'
EXPORT = export(
    item(1, title="The bridge", content=f"It was closed. {PICTURE} [pricing plan='a']", more=CATEGORY + comment(1)),
    item(2, title="The ferry", content="It runs again.", more=CATEGORY),
    item(3, title="Half a text", wp_status="draft"),
    item(
        4,
        title="bridge",
        wp_post_type="attachment",
        wp_status="inherit",
        wp_attachment_url="https://old.example/wp-content/uploads/2014/05/bridge.jpg",
        more=meta("_wp_attached_file", "2014/05/bridge.jpg"),
    ),
    item(5, title="For members", content="It was not for everybody.", more=CATEGORY + meta("_acme_restricted", "1")),
)


class ImportTests(BrowserTestCase):
    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        uploads = folder / "server" / "uploads" / "2014" / "05"
        uploads.mkdir(parents=True)
        (uploads / "bridge.jpg").write_bytes(image_file(kind="JPEG").getvalue())
        self.enterContext(self.settings(IMPORT_WORK_DIR=folder / "work", IMPORT_DIR=folder / "server"))
        self.enterContext(mock.patch("truthlytics.contrib.importers.newsroom.runs.MAX_PART", 2000))
        self.export = folder / "site.xml"
        self.export.write_bytes(EXPORT)
        make_author(name="Ada Orr-Vale")
        self.log_in(make_editor())

    def test_an_export_is_imported_and_undone(self):
        page = self.page
        self.choose()
        expect(page.get_by_text("What will differ from the old site")).to_be_visible()
        expect(page.get_by_text("pricing 1")).to_be_visible()
        page.get_by_text("The bridge Published").click()
        expect(page.locator(".import-sample__text").get_by_text("It was closed.").first).to_be_visible()
        expect(page.get_by_role("button", name="This sign is harmless")).to_have_count(1)
        self.screenshot("import-dry-run")
        self.check_axe()
        page.get_by_label("Ada Orr").fill("Ada Orr-Vale")
        page.get_by_role("button", name="Save and check again").click()
        expect(page.get_by_label("Ada Orr")).to_have_value("Ada Orr-Vale")
        self.assertFalse(Article.objects.exists())
        page.get_by_role("button", name="Start the import").click()
        expect(page.get_by_text("What was written")).to_be_visible()
        self.read_report()
        page.goto(Article.objects.get(headline="The bridge").get_absolute_url())
        expect(page.get_by_role("img", name="The closed bridge")).to_be_attached()
        expect(page.get_by_role("link", name="Ada Orr-Vale").first).to_be_visible()
        self.undo()

    def choose(self):
        """Upload the export in parts, of which one is lost on its way, and start the dry run."""
        page, lost = self.page, []
        self.expected.append("net::ERR_FAILED")

        def lose(route):
            lost.append(route.request.url)
            route.abort() if len(lost) == 2 else route.continue_()

        page.route("**/import/uploads/*/?offset=*", lose)
        page.goto("/admin/import/")
        page.get_by_label("WordPress").check()
        page.get_by_label("Export files").set_input_files(self.export)
        page.get_by_text("More options").click()
        page.get_by_label("Folder with images").select_option("uploads")
        self.screenshot("import-choose")
        self.check_axe()
        page.get_by_role("button", name="Start the dry run").click()
        expect(page.get_by_role("heading", name="site.xml")).to_be_visible()
        self.assertEqual(len(lost), -(-len(EXPORT) // 2000) + 1)
        self.assertEqual(lost[1], lost[2])

    def check_axe(self):
        """Without contrast, which is sometimes measured while the page is painted (test_axe has the header's)."""
        self.assertEqual(axe_violations(self.page, rules={"color-contrast": {"enabled": False}}), [])

    def read_report(self):
        page = self.page
        page.get_by_role("link", name="Read the whole report").click()
        page.get_by_label("Kind").select_option("draft")
        page.get_by_role("button", name="Filter").click()
        expect(page.get_by_role("rowheader", name="Half a text")).to_be_visible()
        expect(page.get_by_text("2 entries.")).to_be_visible()
        self.check_axe()

    def undo(self):
        page = self.page
        page.goto(f"/admin/import/{ImportRun.objects.get().pk}/")
        page.get_by_role("link", name="Undo the import…").click()
        expect(page.get_by_text("Undoing removes what this import created")).to_be_visible()
        self.screenshot("import-undo")
        page.get_by_role("button", name="Undo the import").click()
        expect(page.get_by_text("Undone")).to_be_visible()
        self.assertFalse(Article.objects.exists() or Image.objects.exists())
        self.assertEqual(Author.objects.get().name, "Ada Orr-Vale")
