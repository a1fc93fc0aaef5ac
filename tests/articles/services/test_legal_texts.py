"""Gaps of legal pages that Settings fill, in our drafts and in a pasted model text of the law."""

from django.test import TestCase
from django.urls import reverse

from articles.models import Page
from articles.services.checks import findings_in
from articles.services.legal_texts import contradictions, fill
from articles.services.revisions import current_fields
from articles.services.standard_pages import create_standard_pages, has_our_words, placeholders_in
from tests.factories import make_member, make_page
from truthlytics.publication.models import Publication

SETTINGS = {
    "publisher": "Hafen <Verlag> GmbH",
    "legal_address": "Kai 1\n20457 Hamburg",
    "contact_email": "post@hafen.example",
    "vat_id": "DE123456788",
    "country": "DE",
}
TRADER = "Hafen &lt;Verlag&gt; GmbH, Kai 1, 20457 Hamburg, post@hafen.example"
# Not the law's words, only its gaps.
PASTED = "<p>The 14 days begin on the day [1].</p><p>Tell us ( [2] ) that you withdraw.</p><p>[ 3 ]</p>"
FORM = "<p>To [here the trader's name and address are to be inserted by the trader]:</p>"


class FillTests(TestCase):
    def draft(self, slug):
        return next(page for page in create_standard_pages(by=None) if page.slug == slug)

    def test_new_drafts_have_what_settings_know(self):
        for language in ("en-gb", "de"):
            with self.subTest(language):
                Page.objects.all().delete()
                Publication.objects.all().delete()
                Publication.objects.create(**SETTINGS, language=language)
                pages = {page.slug: page.body for page in create_standard_pages(by=None)}
                self.assertIn("Hafen &lt;Verlag&gt; GmbH<br>\nKai 1, 20457 Hamburg", pages["imprint"])
                self.assertIn("DE123456788", pages["imprint"])
                for slug in ("imprint", "withdrawal", "terms"):
                    self.assertIn("Kai 1, 20457 Hamburg", pages[slug])
                    self.assertNotIn("of the publisher]", pages[slug])

    def test_a_draft_made_before_the_settings_is_filled_later_and_only_by_post(self):
        Publication.objects.create()
        page = self.draft("withdrawal")
        Publication.objects.update(**SETTINGS)
        Publication.objects.get().save()
        self.client.force_login(make_member("Editor"))
        url = reverse("admin:articles_page_fill", args=[page.pk])
        self.assertContains(self.client.get(reverse("admin:articles_page_change", args=[page.pk])), url)
        self.assertContains(self.client.get(url), "post@hafen.example")
        page.refresh_from_db()
        self.assertIn("[name of the publisher]", page.body)
        self.client.post(url)
        page.refresh_from_db()
        self.assertEqual(page.body.count(TRADER), 2)
        self.assertEqual(page.revisions.count(), 2)
        self.assertContains(self.client.post(url, follow=True), "nothing to fill in")

    def test_terms_follow_the_settings_about_contracts(self):
        """The country is entered after setup, when the drafts exist."""
        for language in ("en-gb", "de"):
            with self.subTest(language):
                Page.objects.all().delete()
                Publication.objects.all().delete()
                Publication.objects.create(language=language)
                page = self.draft("terms")
                self.assertEqual(contradictions(page.body, purpose="terms"), [])
                Publication.objects.get().delete()
                Publication.objects.create(**SETTINGS, language=language)
                (stale,) = contradictions(page.body, purpose="terms")
                found = findings_in(current_fields(page), address="/")
                self.assertIn(stale[:40], " ".join(str(finding.message) for finding in found))
                filled = fill(page.body, purpose="terms")
                self.assertEqual(contradictions(filled, purpose="terms"), [])
                self.assertNotIn(stale, filled)

    def test_a_pasted_model_text_is_filled_and_its_other_gaps_stop_publication(self):
        Publication.objects.create(**SETTINGS)
        filled = fill(PASTED + FORM, purpose="withdrawal")
        self.assertEqual(filled.count(TRADER), 2)
        left = placeholders_in(slug="widerruf", purpose="withdrawal", body=filled)
        self.assertEqual(left, ["[1]", "[ 3 ]"])
        self.assertEqual(fill(PASTED, purpose="terms"), PASTED)
        self.assertEqual(placeholders_in(slug="agb", purpose="terms", body="<p>As said [1].</p>"), [])

    def test_gaps_that_settings_do_not_know_stay(self):
        Publication.objects.create(publisher="Hafen")
        self.assertEqual(fill(PASTED, purpose="withdrawal"), PASTED)
        body = "<p>[name of the publisher], [postal address of the publisher]</p>"
        self.assertEqual(fill(body, purpose="terms"), "<p>Hafen, [postal address of the publisher]</p>")

    def test_the_newsroom_marks_our_own_words(self):
        Publication.objects.create(**SETTINGS)
        page = self.draft("withdrawal")
        self.assertIn("Anlage 1 and 2 to Art. 246a EGBGB", page.body)
        self.assertIn("Directive 2011/83/EU", page.body)
        self.client.force_login(make_member("Editor"))
        change = reverse("admin:articles_page_change", args=[page.pk])
        self.assertContains(self.client.get(change), "This is our own text, not the model text of the law.")
        page.body = PASTED
        page.save()
        self.assertFalse(has_our_words(page))
        self.assertNotContains(self.client.get(change), "This is our own text")

    def test_the_terms_say_how_a_cancellation_ends_a_contract(self):
        for country, said in [("DE", True), ("AT", False)]:
            Page.objects.all().delete()
            Publication.objects.all().delete()
            Publication.objects.create(**SETTINGS | {"country": country})
            self.assertEqual("ends a month after you cancel" in self.draft("terms").body, said)

    def test_a_page_of_another_kind_is_left_alone(self):
        Publication.objects.create(**SETTINGS)
        page = make_page(slug="notes", published=False, body="<p>Note [2].</p>")
        self.assertFalse(has_our_words(page))
        self.assertEqual(fill(page.body, purpose=page.purpose), page.body)
