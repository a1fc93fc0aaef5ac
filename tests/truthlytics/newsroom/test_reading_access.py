"""The page that explains why a reader can, or cannot, read an article."""

from datetime import timedelta

from django.test import TestCase
from django.urls import reverse
from django.utils import timezone

from articles.access import decide
from articles.services.redirects import slug_changed
from subscriptions.services.access import access_for
from tests.factories import (
    make_article,
    make_draft,
    make_editor,
    make_grant,
    make_lapsed_reader,
    make_member,
    make_staff,
    make_subscriber,
    make_subscription,
    make_user,
    make_version,
)
from truthlytics.newsroom.reading_access import answer


class AnswerTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.now = timezone.now()

    def test_answer_is_that_of_the_article_page_for_every_reader_and_level(self):
        readers = [
            make_user(),
            make_user(verified=False),
            make_user(is_active=False),
            make_subscriber(10),
            make_subscriber(20),
            make_lapsed_reader(),
            make_member("Editor"),
            make_member("Moderator"),
        ]
        for level in (0, 1, 10, 20):
            version = make_article(required_level=level).served(self.now)
            for reader in readers:
                with self.subTest(level=level, reader=reader):
                    allowed = decide(version, access_for(reader, self.now)).allowed
                    self.assertEqual(answer(reader, version, self.now)["allowed"], allowed)

    def reasons(self, reader, level=10):
        version = make_article(required_level=level).served(self.now)
        return " ".join(answer(reader, version, self.now)["reasons"])

    def test_reasons_name_the_level_and_the_state_of_the_account(self):
        for reader, level, text in [
            (make_user(), 20, "needs access as a supporter"),
            (make_user(), 1, "account with a confirmed email address"),
            (make_user(), 0, "open to everyone"),
            (make_user(verified=False), 1, "The email address is not confirmed."),
            (make_user(is_active=False), 10, "The account is deactivated."),
            (make_member("Editor"), 10, "may view all articles"),
            (make_member("Moderator"), 10, "without the permission to view articles"),
            (make_user(), 10, "never had paid or complimentary access"),
        ]:
            with self.subTest(text):
                self.assertIn(text, self.reasons(reader, level))

    def test_reasons_say_why_access_ended_or_has_not_begun(self):
        reader, day = make_user(), timedelta(days=1)
        make_grant(reader, source="order", days=-1)
        make_grant(reader, source="trial", revoked_at=self.now, revoked_by="Edith Orr")
        make_grant(reader, 20, starts_at=self.now + day, ends_at=self.now + 2 * day)
        reasons = self.reasons(reader)
        for text in ("Subscriber (Paid order): ended on", "by Edith Orr", "Supporter (Complimentary): begins on"):
            self.assertIn(text, reasons)

    def test_state_of_the_subscription_is_told(self):
        self.assertIn("Renews on", self.reasons(make_subscription(provider_ref="sub_1").user))


class PageTests(TestCase):
    def setUp(self):
        self.reader = make_user(display_name="Nadia Lund")
        self.url = reverse("admin:subscriptions_user_access", args=[self.reader.pk])
        self.client.force_login(make_editor())

    def ask(self, address):
        return self.client.get(self.url, {"article": address})

    def test_path_and_url_and_former_url_are_understood(self):
        article = make_article(headline="A scoop", slug="a-scoop", required_level=10)
        path = article.get_absolute_url()
        make_version(article, slug="the-scoop")
        slug_changed(item=article, old_slug="a-scoop")
        now = article.get_absolute_url()
        for address in (now, now.rstrip("/"), f"https://example.org{now}?utm=x#top", f" {now} ", path):
            with self.subTest(address):
                self.assertContains(self.ask(address), "No, Nadia Lund cannot read all of “A scoop”")
        make_grant(self.reader)
        self.assertContains(self.ask(now), "Yes, Nadia Lund can read all of “A scoop”")

    def test_other_addresses_are_answered_with_a_sentence(self):
        draft = make_draft(headline="Secret plans")
        for address in (draft.get_absolute_url(), "/latest/", "nonsense", "http://[", "x" * 5000):
            with self.subTest(address[:20]):
                page = self.ask(address)
                self.assertEqual(page.status_code, 200)
                self.assertNotContains(page, "Secret plans")
        self.assertContains(self.ask("/latest/"), "There is no public article at this address.")

    def test_newest_articles_can_be_chosen(self):
        article = make_article()
        self.assertContains(self.client.get(self.url), f'<option value="{article.get_absolute_url()}">')

    def test_permission_to_view_grants_is_needed(self):
        self.client.force_login(make_staff("subscriptions.view_user"))
        self.assertEqual(self.client.get(self.url).status_code, 403)
