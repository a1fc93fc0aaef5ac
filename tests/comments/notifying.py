"""A base class for tests of emails about comments."""

from datetime import timedelta

from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from comments.models import Follow, Notification
from comments.services.notification_emails import send_due
from comments.services.notifications import create_notifications
from subscriptions.services.access import access_for
from tests.factories import make_article, make_comment, make_user

MINUTE = timedelta(minutes=1)


class NotifyingTestCase(TestCase):
    """An article with a comment by `reader`, and helpers to add comments and send emails."""

    @classmethod
    def setUpTestData(cls):
        cls.article = make_article(headline="The harbour", slug="harbour")
        cls.reader = make_user(display_name="Nadia Lund", email="nadia@example.org")
        cls.own = make_comment(article=cls.article, author=cls.reader, text="My question.")
        cls.other = make_user(display_name="Per Holm")

    def setUp(self):
        cache.clear()

    def comment(self, text="An answer.", **fields):
        """A comment by another reader that becomes visible now."""
        fields = {"article": self.article, "author": self.other} | fields
        comment = make_comment(text=text, **fields)
        create_notifications(comment)
        return comment

    def answer(self, text="An answer.", **fields):
        return self.comment(text, parent=self.own, **fields)

    def follow(self, user=None, article=None):
        return Follow.objects.create(user=user or self.reader, article=article or self.article)

    def send(self, *, after=MINUTE):
        """Send the emails that are due then. Returns them."""
        before = len(mail.outbox)
        with self.captureOnCommitCallbacks(execute=True):
            send_due(timezone.now() + after, access_for=access_for)
        return mail.outbox[before:]

    def html(self, email):
        return email.alternatives[0].content

    def kinds(self, user=None):
        rows = Notification.objects.filter(user=user or self.reader).order_by("pk")
        return list(rows.values_list("kind", flat=True))
