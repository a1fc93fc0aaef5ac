"""Following authors, topics, sections and series by email: the form, its confirmation, and turning it off."""

import re

from django.core import mail
from django.core.cache import cache
from django.test import Client, TestCase, tag
from django.urls import reverse
from django.utils import timezone

from articles.models import Dossier
from articles.services.merge_topics import merge_topics
from tests.factories import make_article, make_author, make_dossier, make_section, make_series, make_topic, make_user
from tests.html import page_of, text_of
from tests.truthlytics.newsletters.factories import make_address
from truthlytics.newsletters.models import KINDS, Address, Follow
from truthlytics.newsletters.presenters import choices_of
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import follows
from truthlytics.newsletters.services.sign_up import Request, send_confirmation
from truthlytics.publication.models import Publication
from truthlytics.web.budgets import OTHER_EMAILS

SENT = reverse("newsletters:confirm_code")


class FollowingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.author = make_author(name="Ines Vidal")
        cls.url = reverse("newsletters:follow", args=["author", cls.author.slug])

    def setUp(self):
        cache.clear()

    def follow(self, email="new@example.org", frequency="at_once", **more):
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(self.url, {"email": email, "frequency": frequency} | more)

    def confirm(self):
        return self.client.post(re.search(r"/newsletters/confirm/\S+", mail.outbox[-1].body)[0])

    def test_pages_link_to_the_form_of_each_kind(self):
        section, topic, series = make_section(), make_topic(), make_series()
        rows = {
            "author": self.author,
            "section": section,
            "topic": topic,
            "series": series,
            "dossier": make_dossier(make_article()),
        }
        self.assertEqual(rows.keys(), KINDS.keys())
        for kind, found in rows.items():
            with self.subTest(kind):
                url = reverse("newsletters:follow", args=[kind, found.slug])
                response = self.client.get(found.get_absolute_url())
                # In the header, where it does not come between other parts, and outside of what is verified.
                marks = page_of(response).xpath(f"//main//header//a[@href='{url}']/ancestor::div/@data-outside-record")
                self.assertEqual(marks, [""])
                self.assertNotIn("csrftoken", response.cookies)
                self.assertContains(self.client.get(url), f"Follow {found}")

    @tag("sqlite")
    def test_only_readers_who_follow_see_it_on_the_page(self):
        page, reader, other = self.author.get_absolute_url(), make_user(), make_user()
        address = make_address(user=reader)
        follows.follow(address=address, followed=[("author", self.author.pk)], frequency="", now=timezone.now())
        for user, text in (
            (None, "Follow"),
            (other, "Follow"),
            (reader, "Following"),
            (other, "Follow"),
            (None, "Follow"),
        ):
            with self.subTest(user=user):
                self.client.logout()
                if user:
                    self.client.force_login(user)
                (link,) = page_of(self.client.get(page)).xpath(f"//a[@href='{self.url}']")
                self.assertEqual(text_of(link).split()[0].strip(":"), text)
        self.client.force_login(reader)
        self.assertContains(self.client.get(self.url), "Unfollow")
        follows.stop(address, timezone.now())
        self.assertNotContains(self.client.get(page), "Following<")

    def test_nothing_is_stored_until_the_address_is_confirmed(self):
        self.assertRedirects(self.follow(), SENT)
        self.assertIn("New articles by Ines Vidal", mail.outbox[0].body)
        self.assertFalse(Address.objects.exists())
        self.confirm()
        row = Follow.objects.get()
        self.assertEqual((row.author, row.address.email), (self.author, "new@example.org"))
        self.assertEqual(row.address.frequency, "at_once")
        self.assertIsNotNone(row.address.followed_until)

    def test_the_worker_writes_in_the_language_of_the_publication(self):
        Publication.objects.create(language="de")
        asked = Request("new@example.org", (), "page", 0, (("author", self.author.pk),), "daily")
        with self.captureOnCommitCallbacks(execute=True):
            send_confirmation.call(request=list(asked), code="123456")
        self.assertIn("Neue Artikel von Ines Vidal", mail.outbox[0].body)

    def test_confirming_twice_follows_once(self):
        self.follow()
        self.confirm()
        self.confirm()
        self.assertEqual(Follow.objects.count(), 1)

    def test_outsiders_get_the_same_answer_for_every_address(self):
        address = make_address(email="known@example.org")
        follows.follow(address=address, followed=[("author", self.author.pk)], frequency="", now=timezone.now())
        known, new = self.follow("known@example.org"), self.follow("new@example.org")
        self.assertEqual((known.status_code, known.url), (new.status_code, new.url))
        self.assertEqual([message.to for message in mail.outbox], [["known@example.org"], ["new@example.org"]])
        self.assertIn("already", mail.outbox[0].body)

    def test_programs_and_floods_send_nothing(self):
        self.assertRedirects(self.follow(website="https://example.org"), SENT)
        self.assertEqual(mail.outbox, [])
        for _ in range(OTHER_EMAILS + 3):
            self.follow()
        self.assertEqual(len(mail.outbox), OTHER_EMAILS)

    def test_bad_input_is_explained_and_kept(self):
        response = self.follow("nobody", frequency="hourly")
        self.assertContains(response, 'value="nobody"', status_code=422)
        for kind, slug in (("author", "nobody"), ("dossier", self.author.slug), ("user", "1")):
            self.assertEqual(self.client.get(f"/newsletters/follow/{kind}/{slug}/").status_code, 404)

    def test_a_reader_who_is_logged_in_follows_with_one_post_and_no_email(self):
        reader = make_user()
        self.client.force_login(reader)
        self.assertRedirects(self.follow(email="ignored@example.org"), self.author.get_absolute_url())
        address = Address.objects.get()
        self.assertEqual((address.user, address.email, address.frequency), (reader, reader.email, "at_once"))
        self.assertEqual(mail.outbox, [])
        self.assertContains(self.client.get(self.url), "You follow Ines Vidal")
        self.client.post(self.url, {"action": "unfollow"})
        self.assertFalse(Follow.objects.exists())

    def test_a_reader_without_a_confirmed_address_confirms_it(self):
        self.client.force_login(make_user(verified=False))
        self.assertRedirects(self.follow(), SENT)
        self.assertFalse(Address.objects.exists())

    def test_visitors_unfollow_nothing(self):
        address = make_address()
        follows.follow(address=address, followed=[("author", self.author.pk)], frequency="", now=timezone.now())
        self.client.post(self.url, {"action": "unfollow"})
        self.client.force_login(make_user())
        self.client.post(self.url, {"action": "unfollow"})
        self.assertTrue(Follow.objects.exists())

    def test_drafts_of_dossiers_and_their_titles_stay_in_the_newsroom(self):
        reader, dossier, draft = (
            make_user(),
            make_dossier(make_article(), title="The files"),
            make_dossier(publish=False),
        )
        Dossier.objects.filter(pk=dossier.pk).update(title="A secret draft")
        self.client.force_login(reader)
        self.assertEqual(self.client.get(f"/newsletters/follow/dossier/{draft.slug}/").status_code, 404)
        self.url = reverse("newsletters:follow", args=["dossier", dossier.slug])
        self.assertContains(self.client.get(self.url), "Follow The files")
        self.follow()
        row = Follow.objects.get()
        self.assertEqual(
            [item.label for item in choices_of(row.address).follows], ["New articles in the dossier “The files”"]
        )
        asked = Request("new@example.org", (), "page", 0, (("dossier", dossier.pk), ("dossier", draft.pk)), "daily")
        self.assertEqual(asked.labels, ["New articles in the dossier “The files”"])

    def test_a_merged_topic_is_followed_as_the_other(self):
        old, new = make_topic(), make_topic(name="Harbours")
        merge_topics(topic=old, into=new)
        page = self.client.get(reverse("newsletters:follow", args=["topic", old.slug]))
        self.assertContains(page, "Follow Harbours")


class StoppingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.address = make_address()
        author = make_author(name="Ines Vidal")
        follows.follow(address=cls.address, followed=[("author", author.pk)], frequency="", now=timezone.now())
        cls.url = reverse("newsletters:stop", args=[token_of(cls.address.uuid.hex)])

    def is_stopped(self):
        return Address.objects.get().follows_stopped_at is not None

    def test_the_page_asks_stops_and_undoes(self):
        self.assertContains(self.client.get(self.url), "New articles by Ines Vidal")
        self.assertFalse(self.is_stopped())
        self.client.post(self.url)
        self.assertTrue(self.is_stopped())
        self.assertContains(self.client.get(self.url), "You no longer get these emails.")
        self.client.post(self.url, {"action": "undo"})
        self.assertFalse(self.is_stopped())
        self.assertTrue(Follow.objects.exists())

    def test_mail_programs_stop_with_one_post_and_get_changes_nothing(self):
        client, url = Client(enforce_csrf_checks=True), f"{self.url}at-once/"
        self.assertEqual(client.get(url).status_code, 302)
        self.assertFalse(self.is_stopped())
        response = client.post(url, {"List-Unsubscribe": "One-Click"})
        self.assertEqual((response.status_code, response.cookies), (200, {}))
        self.assertTrue(self.is_stopped())

    def test_following_something_else_turns_them_on_again(self):
        self.client.post(self.url)
        topic = make_topic()
        follows.follow(address=Address.objects.get(), followed=[("topic", topic.pk)], frequency="", now=timezone.now())
        self.assertFalse(self.is_stopped())

    def test_forged_links_belong_to_nobody(self):
        for name in ("stop", "stop_at_once", "choices"):
            self.assertEqual(self.client.post(reverse(f"newsletters:{name}", args=["forged"])).status_code, 404)
