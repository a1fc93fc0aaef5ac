"""No gated word is in an email to somebody who may not read it when the email is sent."""

from datetime import timedelta

from django.core import mail
from django.test import TestCase
from django.utils import timezone

from articles.access import Level, decide
from subscriptions.models import Grant, User
from subscriptions.services.access import access_for, has_level, level_of
from tests.budget import takes_longer
from tests.factories import make_article, make_editor, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Issue
from truthlytics.newsletters.services import leases
from truthlytics.newsletters.services.preparing import prepare
from truthlytics.newsletters.services.scheduling import work_on

HOUR = timedelta(hours=1)
BODY = (
    '<p>Free words<sup data-footnote="A free note."></sup>.</p><hr data-gate>'
    '<p>Secret words<sup data-footnote="A secret note."></sup> and '
    '<a href="https://example.org/secret">secret link</a>.</p>'
    "<table><tbody><tr><td>A secret cell</td></tr></tbody></table>"
)
LEVELS = [level for level in Level if level != Level.EVERYONE]


class LeakTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.users = {None: make_address(cls.newsletter, email="nobody@example.org")}
        for name, user, level in [
            ("registered", make_user(), None),
            ("unconfirmed", make_user(verified=False), None),
            ("subscriber", make_user(), Level.SUBSCRIBER),
            ("supporter", make_user(), Level.SUPPORTER),
            ("inactive", make_user(is_active=False), Level.SUPPORTER),
            ("staff", make_editor(), None),
        ]:
            if level:
                now = timezone.now()
                Grant.objects.create(user=user, level=level, starts_at=now - HOUR, ends_at=now + HOUR)
            cls.users[name] = make_address(cls.newsletter, email=user.email, user=user)
        cls.articles = {level: make_article(required_level=level, body=BODY) for level in LEVELS}

    def send(self, level, between=lambda: None):
        """Prepare, call `between`, submit. Return what each address got."""
        issue = make_issue(self.newsletter, self.articles[level], state="preparing")
        leases.take(issue, timezone.now())
        prepare(issue)
        leases.release(issue)
        between()
        mail.outbox.clear()
        work_on.call(issue_id=issue.pk)
        self.assertEqual(Issue.objects.get(pk=issue.pk).state, "sent")
        parts = {message.to[0]: [message.body, message.alternatives[0].content] for message in mail.outbox}
        return {
            to: [*texts, str(message.message().items())]
            for (to, texts), message in zip(parts.items(), mail.outbox, strict=True)
        }

    def check(self, level, sent):
        self.assertEqual(len(sent), len(self.users))
        for name, address in self.users.items():
            user = User.objects.get(pk=address.user_id) if address.user_id else None
            may_read = (
                user is not None and decide(self.articles[level].served(), access_for(user, timezone.now())).allowed
            )
            with self.subTest(name, level=level):
                text, html, headers = (part.lower() for part in sent[address.email])
                for part in (text, html):
                    self.assertIn("free words", part)
                    self.assertEqual("secret" in part, may_read)
                self.assertNotIn("secret", headers)

    @takes_longer("Every kind of reader asks every kind of page.")
    def test_each_reader_gets_what_they_may_read(self):
        for level in LEVELS:
            self.check(level, self.send(level))

    def test_access_that_ends_before_the_email_is_sent(self):
        def end():
            Grant.objects.update(ends_at=timezone.now())
            User.objects.filter(is_staff=True).update(is_staff=False, is_superuser=False)
            User.objects.update(verified_at=None)

        self.check(Level.SUBSCRIBER, self.send(Level.SUBSCRIBER, end))
        self.assertEqual(access_for(User.objects.first(), timezone.now()).level, 0)

    def test_the_level_in_queries_is_that_of_requests(self):
        now = timezone.now()
        rows = Address.objects.annotate(level=level_of("user", now)).select_related("user")
        for row in rows:
            with self.subTest(str(row)):
                self.assertEqual(row.level, access_for(row.user, now).level if row.user else 0)
        for level in LEVELS:
            with self.subTest(level=level):
                allowed = Address.objects.filter(has_level("user", level, now))
                self.assertEqual({*allowed}, {row for row in rows if row.level >= level})
