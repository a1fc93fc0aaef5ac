"""Remarks by readers of a shared draft."""

from unittest import mock

from django.test import Client
from django.urls import reverse

from articles.models import Remark
from articles.services import sharing
from articles.services.sharing import share
from tests.articles.shared_drafts import SharingTestCase, remarks_url


class DraftRemarkTests(SharingTestCase):
    def post_remark(self, link=None, client=None, **data):
        data = {"name": "Ines Weber", "text": "Is this sure?", "quote": "Free text"} | data
        return (client or self.client).post(remarks_url(link or self.link), data)

    def test_remark_is_stored_with_its_passage(self):
        self.assertRedirects(self.post_remark(), remarks_url(self.link))
        remark = Remark.objects.get()
        self.assertEqual((remark.author_name, remark.author, remark.link), ("Ines Weber", None, self.link))
        self.assertEqual((remark.quote, remark.suffix[:14], remark.position), ("Free text", " of the draft.", 0))
        self.assertContains(self.client.get(remarks_url(self.link)), "Is this sure?")

    def test_link_shows_its_own_remarks_only(self):
        self.post_remark()
        other = share(article=self.draft, by=self.editor, days=1)
        self.assertNotContains(self.client.get(remarks_url(other)), "Is this sure?")

    def test_unknown_quote_is_kept_without_a_position(self):
        self.post_remark(quote="Not in the draft")
        self.assertEqual((Remark.objects.get().quote, Remark.objects.get().prefix), ("Not in the draft", ""))

    def test_invalid_form_keeps_the_input(self):
        for data, message in [
            ({"name": ""}, "Enter your name"),
            ({"text": " \n "}, "Write something first"),
            ({"text": "w" * 4001}, "at most 4000 characters"),
            ({"quote": "w" * 1001}, "Quote at most 1000 characters"),
            ({"name": "n" * 81}, "at most 80 characters"),
        ]:
            with self.subTest(message):
                self.assertContains(self.post_remark(**data), message, status_code=422)
        self.assertContains(self.post_remark(name="", text="My own text."), "My own text.", status_code=422)
        self.assertFalse(Remark.objects.exists())

    def test_cross_site_form_is_refused(self):
        strict = Client(enforce_csrf_checks=True)
        self.assertEqual(self.post_remark(client=strict).status_code, 403)
        page = strict.get(remarks_url(self.link))
        token = page.context["csrf_token"]
        # Browsers only send the Origin header if the referrer policy allows it.
        self.assertEqual(page["Referrer-Policy"], "same-origin")
        self.assertEqual(self.post_remark(client=strict, csrfmiddlewaretoken=token).status_code, 302)

    def test_spam_bots_are_ignored(self):
        self.assertRedirects(self.post_remark(website="https://example.org/"), remarks_url(self.link))
        self.assertFalse(Remark.objects.exists())

    def test_double_click_creates_one_remark(self):
        for _ in range(2):
            self.post_remark(key="7e0f7c0a-31f0-4a34-8d1b-6a3f4c2b1a00")
        self.assertEqual(Remark.objects.count(), 1)

    def test_rate_limit_keeps_the_input(self):
        for number in range(10):
            self.post_remark(text=f"Remark {number}")
        page = self.post_remark(text="The eleventh.")
        self.assertContains(page, "The eleventh.", status_code=429)
        self.assertEqual(Remark.objects.count(), 10)

    def test_number_of_remarks_per_link_is_limited(self):
        with mock.patch.object(sharing, "MAX_REMARKS_PER_LINK", 2):
            statuses = [self.post_remark(text=f"Remark {number}").status_code for number in range(3)]
        self.assertEqual(statuses, [302, 302, 422])
        self.assertEqual(Remark.objects.count(), 2)

    def test_editors_see_external_remarks_marked(self):
        self.post_remark(text="<b>Not bold</b> @Mara Oduya")
        self.client.force_login(self.editor)
        for name in ("change", "remarks"):
            page = self.client.get(reverse(f"admin:articles_article_{name}", args=[self.draft.pk]))
            self.assertContains(page, "External</span>")
            self.assertContains(page, "&lt;b&gt;Not bold&lt;/b&gt;")
        self.assertFalse(Remark.objects.get().mentions.exists())
