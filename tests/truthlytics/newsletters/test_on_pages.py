"""Newsletters on other pages: the line below articles, the footer, readers who are logged in, and all emails."""

import re
from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from articles.services.publishing import withdraw
from tests.factories import make_article, make_author, make_image, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Follow, Newsletter, SignUp
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import follows
from truthlytics.publication.models import Publication

SIGN_UP, EMAILS, OWN = reverse("newsletters:sign_up"), "/account/emails/", reverse("newsletters:own_choices")


class PageTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(name="The Paper")
        cls.article = make_article()
        cls.newsletter = make_newsletter(name="Dispatch", description="Every Friday.")

    def setUp(self):
        cache.clear()

    def test_a_site_without_newsletters_shows_nothing_and_asks_for_nothing(self):
        Newsletter.objects.update(is_offered=False)
        self.newsletter.refresh_from_db()
        self.newsletter.save()
        self.assertFalse(Publication.objects.get().offers_newsletters)
        page = self.client.get(self.article.get_absolute_url())
        # Static files are linked alike on all pages.
        self.assertNotIn("newsletter", re.sub(r'="/static/[^"]+"', "", page.text))
        self.newsletter.is_offered = True
        self.newsletter.save()
        self.assertContains(self.client.get("/latest/"), reverse("newsletters:newsletters"))

    def test_articles_offer_the_first_newsletter_and_stay_cacheable(self):
        response = self.client.get(self.article.get_absolute_url())
        self.assertContains(response, "Every Friday.")
        self.assertContains(response, f'<a href="{reverse("newsletters:newsletters")}">Newsletters</a>', html=True)
        self.assertNotContains(response, "csrfmiddlewaretoken")
        self.assertFalse(response.cookies)
        self.assertNotIn("private", response.headers["Cache-Control"])

    def test_pages_of_newsletters_stay_cacheable(self):
        for url in (reverse("newsletters:newsletters"), self.newsletter.get_absolute_url()):
            response = self.client.get(url)
            self.assertContains(response, "Sign up")
            self.assertFalse(response.cookies)
            self.assertNotIn("private", response.headers["Cache-Control"])

    def test_each_newsletter_shows_its_latest_issue_and_links_to_others(self):
        lead = make_image()
        create_first_renditions(lead)
        article = make_article(lead=lead, standfirst="Its first lines.")
        for days, subject in enumerate(("The newest", "The one before", "The oldest")):
            sent = {"state": "sent", "prepared_at": timezone.now() - timedelta(days=days), "slug": f"issue-{days}"}
            issue = make_issue(self.newsletter, None if days else article, subject=subject, **sent)
        make_newsletter(name="Never sent")
        url = reverse("newsletters:newsletters")
        page = self.client.get(url)
        for words in ("The newest", "Its first lines.", "<picture", "The oldest", issue.get_absolute_url()):
            self.assertContains(page, words, count=1)
        self.assertContains(page, "No issue has appeared yet.", count=1)
        withdraw(item=article)
        page = self.client.get(url)
        self.assertContains(page, "The newest")
        self.assertNotContains(page, "Its first lines.")

    def test_nothing_is_offered_without_a_newsletter(self):
        self.newsletter.is_offered = False
        self.newsletter.save()
        response = self.client.get(self.article.get_absolute_url())
        self.assertNotContains(response, "newsletter-line")
        self.assertNotContains(response, reverse("newsletters:newsletters"))

    def test_the_form_below_articles_needs_no_token(self):
        client = Client(enforce_csrf_checks=True)
        data = {"email": "new@example.org", "newsletters": self.newsletter.pk, "source": "article"}
        with self.captureOnCommitCallbacks(execute=True):
            response = client.post(SIGN_UP, data, headers={"Origin": "http://testserver"})
        self.assertRedirects(response, reverse("newsletters:confirm_code"))
        self.assertEqual(len(mail.outbox), 1)

    def test_other_sites_cannot_use_the_visitors_browser(self):
        data = {"email": "new@example.org", "newsletters": self.newsletter.pk}
        for origin in ("https://evil.example", "null"):
            with self.captureOnCommitCallbacks(execute=True):
                self.assertEqual(self.client.post(SIGN_UP, data, headers={"Origin": origin}).status_code, 403)
        self.assertEqual(mail.outbox, [])

    def test_a_reader_signs_up_with_one_post_and_a_token(self):
        reader = make_user()
        self.client.force_login(reader)
        self.assertContains(self.client.get(reverse("newsletters:newsletters")), reader.email)
        response = self.client.post(SIGN_UP, {"newsletters": self.newsletter.pk, "email": "other@example.org"})
        self.assertRedirects(response, EMAILS)
        self.assertEqual((Address.objects.get().user, mail.outbox), (reader, []))
        strict = Client(enforce_csrf_checks=True)
        strict.force_login(make_user())
        self.assertEqual(strict.post(SIGN_UP, {"newsletters": self.newsletter.pk}).status_code, 403)
        self.assertEqual(SignUp.objects.count(), 1)

    def test_a_reader_without_a_confirmed_address_confirms_it(self):
        self.client.force_login(make_user(verified=False))
        self.client.post(SIGN_UP, {"newsletters": self.newsletter.pk, "email": "new@example.org"})
        self.assertFalse(Address.objects.exists())


class ChoicesTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author, cls.newsletter = make_author(name="Ines Vidal"), make_newsletter(name="Dispatch")
        cls.stranger = make_address(cls.newsletter)
        follows.follow(
            address=cls.stranger, followed=[("author", cls.author.pk)], frequency="daily", now=timezone.now()
        )
        cls.reader = make_user()

    def setUp(self):
        self.client.force_login(self.reader)

    def save(self, **data):
        shown = {"shown": [self.newsletter.pk], "shown_follows": Follow.objects.values_list("pk", flat=True)}
        self.assertRedirects(self.client.post(OWN, shown | data), EMAILS)

    def test_one_page_has_everything(self):
        page = self.client.get(EMAILS)
        for text in ("Dispatch", "Replies to your comments", "can’t be turned off"):
            self.assertContains(page, text)
        self.assertNotContains(page, "Ines Vidal")

    def test_a_reader_chooses_only_for_themselves(self):
        self.save(newsletters=[self.newsletter.pk], frequency="weekly")
        own = Address.objects.get(user=self.reader)
        self.assertEqual((own.frequency, own.sign_ups.active().count()), ("weekly", 1))
        self.save()
        self.assertEqual(own.sign_ups.active().count(), 0)
        self.assertEqual(self.stranger.sign_ups.active().count(), 1)
        self.assertEqual(
            (self.stranger.follows.count(), Address.objects.get(pk=self.stranger.pk).frequency), (1, "daily")
        )

    def test_what_the_form_did_not_show_stays(self):
        self.save(newsletters=[self.newsletter.pk])
        own = Address.objects.get(user=self.reader)
        follows.follow(address=own, followed=[("author", self.author.pk)], frequency="", now=timezone.now())
        self.client.post(OWN, {"frequency": "at_once"})
        self.assertEqual((own.follows.count(), own.sign_ups.active().count()), (1, 1))
        self.save(newsletters=[self.newsletter.pk])
        self.assertEqual(own.follows.count(), 0)

    def test_bad_input_changes_nothing(self):
        for bad in ("x", "-1", "0", str(2**70), "1\0"):
            self.save(newsletters=[bad], shown=[bad], follows=[bad], shown_follows=[bad], frequency=bad, action=bad)
        self.assertFalse(SignUp.objects.filter(address__user=self.reader).exists())

    def test_emails_are_turned_on_again(self):
        own = make_address(email=self.reader.email, user=self.reader)
        follows.follow(address=own, followed=[("author", self.author.pk)], frequency="", now=timezone.now())
        follows.stop(own, timezone.now())
        self.assertContains(self.client.get(EMAILS), "Turn these emails on again")
        self.save(follows=own.follows.values_list("pk", flat=True), action="resume")
        own.refresh_from_db()
        self.assertIsNone(own.follows_stopped_at)
        self.assertEqual(own.follows.count(), 1)

    def test_a_reader_without_a_confirmed_address_chooses_nothing(self):
        self.client.force_login(make_user(verified=False))
        self.assertContains(self.client.get(EMAILS), "Confirm your email address first.")
        self.save(newsletters=[self.newsletter.pk])
        self.assertEqual(Address.objects.count(), 1)
        self.client.logout()
        self.assertRedirects(self.client.post(OWN), f"/accounts/login/?next={OWN}")

    def test_the_link_in_an_email_shows_the_same_without_a_login(self):
        self.client.logout()
        url = reverse("newsletters:choices", args=[token_of(self.stranger.uuid.hex)])
        for text in ("Dispatch", "New articles by Ines Vidal", self.stranger.email):
            self.assertContains(self.client.get(url), text)
        self.client.post(url, {"shown_follows": self.stranger.follows.values_list("pk", flat=True)})
        self.assertFalse(self.stranger.follows.exists())
