"""What strangers, readers without access and the authors of articles cannot do with newsletters."""

import re
from datetime import timedelta

import time_machine
from django.core import mail
from django.core.cache import cache
from django.db import connection
from django.test import TestCase, tag
from django.urls import reverse
from django.utils import timezone

from articles.services.publishing import publish
from subscriptions.models import Grant
from tests.factories import make_article, make_author, make_editor, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.admin.publishing import form_for
from truthlytics.newsletters.models import Address, Delivery, Issue, ProviderEvent, SignUp
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services import events
from truthlytics.newsletters.services.scheduling import work_on
from truthlytics.newsletters.views.sign_up import SESSION_KEY

CODE = reverse("newsletters:confirm_code")


class ConfirmingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()

    def setUp(self):
        cache.clear()

    def sign_up(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(
                reverse("newsletters:sign_up"), {"email": "ada@example.org", "newsletters": self.newsletter.pk}
            )

    def test_requests_at_once_do_not_allow_more_guesses(self):
        self.sign_up()
        code = re.search(r"(?m)^\d{6}$", mail.outbox[-1].body)[0]
        before = dict(self.client.session[SESSION_KEY])
        for _ in range(3):
            self.client.post(CODE, {"code": "0"})
            # As in a request that read the session before the others had stored it.
            session = self.client.session
            session[SESSION_KEY] = before
            session.save()
        self.assertEqual(self.client.post(CODE, {"code": code}).status_code, 422)
        self.assertFalse(SignUp.objects.exists())

    def test_an_address_gets_few_emails_a_day_that_it_did_not_ask_for(self):
        with time_machine.travel(timezone.now().replace(hour=0, minute=1), tick=False) as clock:
            for _ in range(20):
                self.sign_up()
                clock.shift(timedelta(minutes=61))
        self.assertLessEqual(len(mail.outbox), 10)

    def test_an_old_link_does_not_turn_on_what_the_reader_turned_off(self):
        author = make_author()
        with self.captureOnCommitCallbacks(execute=True):
            url = reverse("newsletters:follow", args=["author", author.slug])
            self.client.post(url, {"email": "ada@example.org", "frequency": "daily"})
        link = re.search(r"/newsletters/confirm/\S+", mail.outbox[-1].body)[0]
        self.client.post(link)
        address = Address.objects.get()
        self.client.post(reverse("newsletters:stop_at_once", args=[token_of(address.uuid.hex)]))
        self.client.post(link)
        address.refresh_from_db()
        self.assertIsNotNone(address.follows_stopped_at)

    @tag("sqlite")
    def test_addresses_are_found_by_the_index(self):
        plan = Address.objects.with_email("Ada@Example.org").explain()
        self.assertIn("one_newsletter_address_per_email", plan, connection.vendor)


class LetterTests(TestCase):
    def test_a_letter_to_subscribers_is_on_the_web_for_them_only(self):
        newsletter, reader, subscriber = make_newsletter(required_level=10), make_user(), make_user()
        now = timezone.now()
        Grant.objects.create(user=subscriber, level=10, starts_at=now, ends_at=now + timedelta(days=1))
        fields = {"kind": "letter", "state": "sent", "prepared_at": now, "slug": "2026-11-29"}
        url = make_issue(newsletter, body="<p>Only for you.</p>", **fields).get_absolute_url()
        for user, sees in ((None, False), (reader, False), (subscriber, True)):
            with self.subTest(user):
                if user is not None:
                    self.client.force_login(user)
                response = self.client.get(url)
                self.assertEqual("Only for you." in response.text, sees)
                self.assertEqual("The text of this issue is for subscribers." in response.text, not sees)

    def test_a_letter_of_a_newsletter_for_everyone_and_its_corrections_are_public(self):
        for newsletter, more in (
            (make_newsletter(), {}),
            (paid := make_newsletter(required_level=10), {"corrects": make_issue(paid)}),
        ):
            issue = make_issue(
                newsletter,
                kind="letter",
                state="sent",
                body="<p>For all.</p>",
                slug="2026-11-29",
                prepared_at=timezone.now(),
                **more,
            )
            self.assertContains(self.client.get(issue.get_absolute_url()), "For all.")


class LinkTests(TestCase):
    def test_no_text_of_an_article_turns_into_the_readers_own_link(self):
        newsletter = make_newsletter()
        make_address(newsletter)
        body = '<p>A reader-token <a href="https://evil.example/?reader-token">here</a>.</p>'
        issue = make_issue(newsletter, make_article(body=body))
        work_on.call(issue_id=issue.pk)
        html = mail.outbox[0].alternatives[0].content
        self.assertIn('href="https://evil.example/?reader-token"', html)
        self.assertIn("A reader-token", mail.outbox[0].body)
        self.assertRegex(html, r'href="http[^"]*/newsletters/leave/[\w:-]{60,}/"')


class PublishingTests(TestCase):
    def test_the_email_of_a_public_article_does_not_move_with_its_next_version(self):
        article, editor = make_article(), make_editor()
        at = timezone.now() + timedelta(days=1)
        issue = make_issue(make_newsletter(), article, send_at=at)
        form = form_for(article, editor, {"email-newsletter": ""})
        self.assertTrue(form.is_valid())
        article.body = "<p>Without the slip.</p>"
        article.save()
        form.published(version=publish(item=article, kind="minor", by=editor), by=editor)
        self.assertEqual(Issue.objects.get(pk=issue.pk).send_at, at)


class SoftBounceTests(TestCase):
    def record(self, delivery, number):
        with self.captureOnCommitCallbacks(execute=True):
            events.record(
                provider="Test",
                event_id=f"{number}",
                kind="soft_bounce",
                happened_at=timezone.now(),
                delivery=delivery,
                email="",
                detail="451 try again later",
            )

    def test_attempts_of_one_email_count_once(self):
        newsletter = make_newsletter()
        address = make_address(newsletter)
        for number in range(3):
            issue = make_issue(newsletter, state="sent", prepared_at=timezone.now())
            delivery = Delivery.objects.create(issue=issue, address=address, level=0, state="submitted")
            for attempt in range(3):
                self.record(delivery, 10 * number + attempt)
            address.refresh_from_db()
            self.assertEqual(address.paused_until is not None, number == 2)
        self.assertEqual(ProviderEvent.objects.count(), 9)


class ListTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter, now = make_newsletter(), timezone.now()
        for number in range(60):
            at = now - timedelta(days=number)
            fields = {"kind": "letter", "state": "sent", "slug": f"{at:%Y-%m-%d}", "subject": f"Letter {number}."}
            make_issue(cls.newsletter, prepared_at=at, **fields)

    def test_past_issues_are_on_several_pages(self):
        page = self.client.get(self.newsletter.get_absolute_url())
        self.assertContains(page, "Letter 0.")
        self.assertNotContains(page, "Letter 59.")
        older = re.search(r'href="(\?after=[^"]+)"', page.text)[1]
        self.assertContains(self.client.get(self.newsletter.get_absolute_url() + older), "Letter 59.")

    def test_the_list_of_newsletters_loads_the_last_issues_only(self):
        response = self.client.get(reverse("newsletters:newsletters"))
        self.assertContains(response, "Letter 0.")
        self.assertEqual(len(response.context["newsletters"][0].sent_issues), 4)
