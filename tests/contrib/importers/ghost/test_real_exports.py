"""Exports of real Ghost sites, which are beside the checkout."""

from django.test import tag

from tests.budget import takes_longer
from tests.contrib.importers.comparing import SHARED, RealExportCase

# The largest one takes long. It was compared when the importer was written.
FILES = ("import-data-1", "import-data-lts", "products_export", "v2_export", "v4_export", "v5_export", "valid")


# Exports of the first versions do not say who could read a text.
HARMLESS = ("no visibility in the export",)


@tag("collected")
class RealExportTests(RealExportCase):
    @takes_longer("A whole site is imported or exported.")
    def test_everything_arrives(self):
        for name in FILES:
            with self.subTest(name):
                self.check("ghost", SHARED / "data" / "exports" / "ghost" / "Ghost" / f"{name}.json", HARMLESS)
