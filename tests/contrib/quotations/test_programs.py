"""What programs get to know about quotations. Modules of the API are imported in the tests, since it can be off."""

import json
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.test import SimpleTestCase, TestCase, tag
from django.utils import timezone

from articles.access import Level
from tests.factories import make_article, make_subscriber, make_version
from truthlytics.contrib.quotations import api, views

OLD = "The council has voted for the new bridge by nine votes to four."
NEW = "The council has voted for the new bridge by nine votes to five."
GATED = "Nobody outside the council knew that the mayor had signed the contract."
ADDRESS = "/api/v1/quotations"
AGO = timedelta(days=900)


@tag("all_features")
class QuotationTests(TestCase):
    def setUp(self):
        self.article = make_article(slug="the-bridge", body=f"<p>{OLD}</p>")
        make_version(self.article, body=f"<p>{NEW}</p>")

    def ask_for(self, quotation, **headers):
        return self.client.get(ADDRESS, {"q": quotation}, **headers)

    def test_the_answer(self):
        response = self.ask_for(OLD)
        data = response.json()
        (found,) = data["texts"]
        self.assertEqual((data["result"], found["last_version"], found["changed_in_version"]), ("earlier", 1, 2))
        self.assertEqual([part["text"].strip() for part in found["parts"] if part["op"] != "="], ["four", "five"])
        self.assertEqual(found["comparison_url"], f"{settings.SITE_URL}/articles/the-bridge/history/1..2/")
        self.assertTrue(data["url"].startswith(f"{settings.SITE_URL}/check/?q=The+council"))
        self.assertEqual(response.headers["Cache-Control"], "private, no-cache")
        self.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
        self.assertEqual(self.ask_for("None of these words are in any text").json()["texts"], [])

    def test_a_date_before_the_record_is_the_word_of_the_publication(self):
        make_article(body="<p>Nobody had thought that the old bridge would ever close.</p>", at=timezone.now() - AGO)
        answer = self.ask_for("Nobody had thought that the old bridge would ever close.")
        self.assertIn(", says the publication; in its record since ", answer.content.decode())

    def test_what_is_wrong(self):
        for quotation in ("", "Too few words", "word " * 121):
            self.assertEqual(self.ask_for(quotation).status_code, 400, quotation)

    def test_strangers_are_limited(self):
        for _number in range(views.CHECKS):
            self.ask_for(OLD)
        response = self.ask_for(OLD)
        self.assertEqual(response.status_code, 429)
        self.assertIn("Retry-After", response.headers)

    def test_a_key_reads_what_its_owner_may(self):
        from truthlytics.contrib.api.models import Key

        make_article(required_level=Level.SUBSCRIBER, body=f"<p>{OLD}</p><hr data-gate><p>{GATED}</p>")
        key = Key.objects.issue(name="Mine", reader=make_subscriber())[1]
        self.assertEqual(self.ask_for(GATED).json()["result"], "none")
        answer = self.ask_for(GATED, headers={"Authorization": f"Bearer {key}"})
        self.assertEqual(answer.json()["result"], "current")


@tag("all_features")
class PublishedTests(SimpleTestCase):
    def test_what_was_published_is_what_the_address_does(self):
        from truthlytics.contrib.api.openapi import document

        published = json.loads(Path(api.__file__).with_name("openapi.json").read_text(encoding="utf-8"))
        there = json.loads(json.dumps(document(api.urlpatterns)))
        self.assertEqual(published, there, "Run `manage.py openapi` and read the changes.")

    def test_it_is_in_the_document_of_the_site(self):
        from truthlytics.contrib.api.openapi import whole_document

        whole = whole_document()
        self.assertEqual(whole["paths"]["/v1/quotations"]["get"]["operationId"], "quotations")
        self.assertIn("CheckedQuotation", whole["components"]["schemas"])
