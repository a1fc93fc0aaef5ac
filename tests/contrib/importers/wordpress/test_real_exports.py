"""Exports of real WordPress sites, which are beside the checkout."""

from django.test import tag

from tests.contrib.importers.comparing import SHARED, RealExportCase

# The others take long. All of them were compared when the importer was written.
FILES = (
    "wordpress-importer/small-export.xml",
    "wordpress-importer/crazy-cdata.xml",
    "isso/wordpress.xml",
    "migrate/sample.xml",
    "nikola/wordpress_unicode_export.xml",
)


# Fields that nobody knows, with a word as their value: without these options, three texts of two files are drafts.
HARMLESS = ("field Post by", "field Plain string")


@tag("collected")
class RealExportTests(RealExportCase):
    def test_everything_arrives(self):
        for name in FILES:
            with self.subTest(name):
                self.check("wordpress", SHARED / "data" / "exports" / "wxr" / name, HARMLESS)
