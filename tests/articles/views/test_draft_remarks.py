"""What somebody says of a draft by the link that they were given."""

from unittest import mock

from django.test import Client
from django.urls import reverse

from articles.models import Remark
from articles.services import sharing
from articles.services.sharing import share
from tests.articles.shared_drafts import SharingTestCase, remarks_of


class OutsideRemarkTests(SharingTestCase):
    def leave(self, link=None, client=None, **data):
        data = {"name": "Ines Weber", "text": "Is this sure?", "quote": "Free words"} | data
        return (client or self.client).post(remarks_of(link or self.link), data)

    def test_it_arrives_with_its_words_and_where_they_stand(self):
        self.assertRedirects(self.leave(), remarks_of(self.link))
        remark = Remark.objects.get()
        self.assertEqual((remark.author_name, remark.author, remark.link), ("Ines Weber", None, self.link))
        self.assertEqual((remark.quote, remark.suffix[:14], remark.position), ("Free words", " of the draft.", 0))
        self.assertContains(self.client.get(remarks_of(self.link)), "Is this sure?")

    def test_one_link_does_not_show_what_was_said_by_another(self):
        self.leave()
        other = share(article=self.draft, by=self.editor, days=1)
        self.assertNotContains(self.client.get(remarks_of(other)), "Is this sure?")

    def test_words_that_are_not_in_the_draft_are_kept_without_a_place(self):
        self.leave(quote="What nobody wrote")
        self.assertEqual((Remark.objects.get().quote, Remark.objects.get().prefix), ("What nobody wrote", ""))

    def test_what_was_typed_comes_back_with_the_sentence(self):
        for data, sentence in [
            ({"name": ""}, "Enter your name"), ({"text": " \n "}, "Write something first"),
            ({"text": "w" * 4001}, "at most 4000 characters"), ({"quote": "w" * 1001}, "Quote at most 1000 characters"),
            ({"name": "n" * 81}, "at most 80 characters"),
        ]:  # fmt: skip
            with self.subTest(sentence):
                self.assertContains(self.leave(**data), sentence, status_code=422)
        self.assertContains(self.leave(name="", text="My own words."), "My own words.", status_code=422)
        self.assertFalse(Remark.objects.exists())

    def test_a_form_from_elsewhere_is_refused(self):
        strict = Client(enforce_csrf_checks=True)
        self.assertEqual(self.leave(client=strict).status_code, 403)
        page = strict.get(remarks_of(self.link))
        token = page.context["csrf_token"]
        # A browser names the origin of a form only where the page lets it.
        self.assertEqual(page["Referrer-Policy"], "same-origin")
        self.assertEqual(self.leave(client=strict, csrfmiddlewaretoken=token).status_code, 302)

    def test_a_program_that_fills_everything_leaves_nothing(self):
        self.assertRedirects(self.leave(website="https://example.org/"), remarks_of(self.link))
        self.assertFalse(Remark.objects.exists())

    def test_a_double_click_leaves_one(self):
        for _ in range(2):
            self.leave(key="7e0f7c0a-31f0-4a34-8d1b-6a3f4c2b1a00")
        self.assertEqual(Remark.objects.count(), 1)

    def test_a_flood_from_one_address_ends_and_nothing_typed_is_lost(self):
        for number in range(10):
            self.leave(text=f"Remark {number}")
        page = self.leave(text="The eleventh.")
        self.assertContains(page, "The eleventh.", status_code=429)
        self.assertEqual(Remark.objects.count(), 10)

    def test_a_link_brings_so_many_and_no_more(self):
        with mock.patch.object(sharing, "MAX_REMARKS_PER_LINK", 2):
            statuses = [self.leave(text=f"Remark {number}").status_code for number in range(3)]
        self.assertEqual(statuses, [302, 302, 422])
        self.assertEqual(Remark.objects.count(), 2)

    def test_editors_see_that_it_came_from_outside(self):
        self.leave(text="<b>Not bold</b> @Mara Oduya")
        self.client.force_login(self.editor)
        for name in ("change", "remarks"):
            page = self.client.get(reverse(f"admin:articles_article_{name}", args=[self.draft.pk]))
            self.assertContains(page, "External</span>")
            self.assertContains(page, "&lt;b&gt;Not bold&lt;/b&gt;")
        self.assertFalse(Remark.objects.get().mentions.exists())
