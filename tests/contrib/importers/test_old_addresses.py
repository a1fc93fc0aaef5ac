"""Old addresses lead to the right pages, counted by their kind."""

import tempfile
from pathlib import Path

from django.test import TestCase, tag

from tests.budget import takes_longer
from tests.contrib.importers import old_addresses
from tests.contrib.importers.ghost import files as ghost
from tests.contrib.importers.running import import_site
from tests.contrib.importers.wordpress import files as wordpress
from truthlytics.env import BASE_DIR

EXPORTS = BASE_DIR.parent / "shared" / "data" / "exports"
CATEGORY = '<category domain="category" nicename="{}"><![CDATA[{}]]></category>'
TERMS = CATEGORY.format("world", "World") + CATEGORY.format("rivers", "Rivers & Lakes")
TERMS += '<category domain="post_tag" nicename="bridges"><![CDATA[Bridges]]></category>'


class AddressCase(TestCase):
    is_sample = False

    def check(self, format, path, addresses):
        """Import `path` and return how many of its addresses lead to the right page, by kind. All others fail."""
        self.assertIn(import_site(format, path)[0], (0, 2))
        right, wrong = old_addresses.check(self.client, addresses(path), is_sample=self.is_sample)
        self.assertEqual(wrong, [])
        return right


class SmallExportTests(AddressCase):
    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))

    @takes_longer("A whole site is imported or exported.")
    def test_wordpress(self):
        path = self.folder / "export.xml"
        path.write_bytes(
            wordpress.export(
                wordpress.item(1, more=TERMS),
                wordpress.item(2, link="https://old.example/2014/%D9%85%D8%B1/", wp_post_name="%d9%85%d8%b1"),
                wordpress.item(3, link="https://old.example/?p=3", wp_post_name=""),
                wordpress.item(4, wp_post_type="page", link="https://old.example/about/us/", wp_post_name="us"),
                wordpress.item(5, wp_post_type="attachment", wp_status="inherit", wp_post_parent=1),
                wordpress.item(6, wp_status="draft"),
            )
        )
        self.assertEqual(
            self.check("wordpress", path, old_addresses.of_wordpress),
            {"article": 2, "page": 1, "feed of an article or page": 3, "?p=": 4, "?page_id=": 1, "?attachment_id=": 1,
             "category": 2, "?cat=": 2, "feed of a list": 2, "tag": 1, "further page": 1, "author": 1},
        )  # fmt: skip

    @takes_longer("A whole site is imported or exported.")
    def test_ghost(self):
        path = self.folder / "export.json"
        first, second = ghost.post(1), ghost.post(2, slug="bücher")
        page, again = ghost.post(3, type="page", slug="about"), ghost.post(4, slug="item-1")
        draft, paid = ghost.post(5, status="draft"), ghost.post(6, visibility="paid")
        path.write_bytes(ghost.export(first, second, page, again, draft, paid))
        self.assertEqual(
            self.check("ghost", path, old_addresses.of_ghost),
            {
                "article": 3,
                "page": 1,
                "AMP": 4,
                "preview": 4,
                "tag": 2,
                "feed of a list": 2,
                "further page": 2,
                "author": 1,
            },
        )


@tag("collected")
class RealExportTests(AddressCase):
    """Exports of real sites, which are beside the checkout. Of their many addresses, each is asked in one variant."""

    is_sample = True

    @takes_longer("A whole site is imported or exported.")
    def test_wordpress(self):
        path = EXPORTS / "wxr" / "theme-test-data" / "themeunittestdata.wordpress.xml"
        self.assertEqual(
            self.check("wordpress", path, old_addresses.of_wordpress),
            {"article": 55, "page": 21, "feed of an article or page": 76, "?p=": 76, "?page_id=": 21,
             "?attachment_id=": 35, "category": 67, "?cat=": 67, "feed of a list": 67, "tag": 60, "further page": 60,
             "author": 2},
        )  # fmt: skip

    @takes_longer("A whole site is imported or exported.")
    def test_ghost(self):
        # One page of the export has the address of the contact page of this site.
        self.assertEqual(
            self.check("ghost", EXPORTS / "ghost" / "Ghost" / "v4_export.json", old_addresses.of_ghost),
            {"article": 7, "page": 3, "AMP": 11, "preview": 11, "tag": 1, "feed of a list": 1, "further page": 1,
             "author": 1, "a page of this site": 1},
        )  # fmt: skip

    @takes_longer("A whole site is imported or exported.")
    def test_ghost_with_lexical(self):
        self.assertEqual(
            self.check("ghost", EXPORTS / "ghost" / "synthetic" / "ghost6-lexical.json", old_addresses.of_ghost),
            {
                "article": 66,
                "page": 2,
                "AMP": 68,
                "preview": 68,
                "tag": 78,
                "feed of a list": 78,
                "further page": 78,
                "author": 60,
            },
        )
