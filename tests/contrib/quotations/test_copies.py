"""A site that was copied has no index, and makes it anew."""

from django.test import tag
from django.utils import timezone

from tests.contrib.exports.test_round_trip import ExportCase, empty_site, run
from tests.factories import make_article
from truthlytics.backups.conversion import converted_models
from truthlytics.contrib.quotations.models import Fingerprint, IndexedText, IndexProgress
from truthlytics.contrib.quotations.services.backfill import OLD_CODE, add_missing

TEXT = "The council has voted for the new bridge by nine votes to four."


class CopyTests(ExportCase):
    @tag("all_features")
    def test_an_import_begins_anew(self):
        make_article(body=f"<p>{TEXT}</p>")
        run("export_site", self.first)
        empty_site()
        # What `tick` leaves in a new site.
        for name in IndexedText.ITEMS:
            IndexProgress.objects.create(item=name, created_at=timezone.now() - OLD_CODE, next_pk=0)
        run("import_export", self.first)
        now = timezone.now()
        add_missing(now)
        self.assertEqual(add_missing(now + OLD_CODE), 1)
        self.assertEqual(self.client.get("/api/v1/quotations", {"q": TEXT}).json()["result"], "current")

    def test_a_database_of_another_kind_gets_no_rows_of_it(self):
        self.assertFalse({Fingerprint, IndexedText, IndexProgress} & {*converted_models()})
