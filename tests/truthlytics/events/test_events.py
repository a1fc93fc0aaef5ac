"""Which events there are: written with what they tell, told when it happens, and never twice."""

import uuid
from collections import Counter
from copy import copy
from datetime import timedelta
from unittest import mock

from django.db import transaction
from django.test import TestCase
from django.utils import timezone

from articles.services.error_reports import answer_report
from articles.services.publishing import (
    FirstPublication,
    publish,
    publish_first_versions,
    restore,
    set_withdrawn,
    unschedule,
    withdraw,
)
from articles.services.redaction import redact
from comments.services import decide, delete_own, post_comment
from subscriptions.money import Money
from subscriptions.services import gifts, lifecycle, refunds
from subscriptions.services.accounts import mark_email_verified
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_dossier,
    make_draft,
    make_editor,
    make_error_report,
    make_member,
    make_page,
    make_paid,
    make_section,
    make_subscription,
    make_user,
    make_version,
)
from tests.subscriptions.journeys import on_demo
from tests.subscriptions.test_gifts import make_gift
from tests.threads import at_once
from tests.transactions import TransactionTestCase
from truthlytics.events.models import Delivery, Endpoint, Event, Kind
from truthlytics.events.services import telling
from truthlytics.events.services.adding import add_events, events_added, new_event
from truthlytics.events.services.telling import delete_old, event_told, tell_due
from truthlytics.privacy.deletion import delete_account


def kinds(prefix=""):
    rows = Event.objects.filter(kind__startswith=prefix).order_by("pk")
    return [kind.removeprefix(prefix) for kind in rows.values_list("kind", flat=True)]


def told():
    return list(Event.objects.exclude(told_at=None).order_by("pk").values_list("kind", flat=True))


class ArticleTests(TestCase):
    def test_the_life_of_an_article(self):
        article = make_article(headline="The harbour")
        make_version(article, section=make_section())
        make_version(article, body=article.body + "<p>41 berths.</p>", kind="correction", note="A number was wrong.")
        withdraw(item=article, note="Wrong.")
        restore(item=article)
        redact(item=article, version=article.versions.get(number=1), reason="A name.")
        self.assertEqual(kinds("article."), ["published", "updated", "corrected", "withdrawn", "restored", "redacted"])
        first = Event.objects.earliest("pk")
        self.assertEqual(first.data, {"id": str(article.uuid), "record_number": 1, "path": article.get_absolute_url()})

    def test_pages_and_dossiers_have_events_of_their_own(self):
        for item in (make_page(), make_dossier(make_article())):
            publish(item=item)
            withdraw(item=item, note="Wrong.")
            restore(item=item)
            redact(item=item, version=item.versions.get(number=1), reason="A name.")
        expected = ["published", "updated", "withdrawn", "restored", "redacted"]
        self.assertEqual(kinds("page."), expected)
        self.assertEqual(kinds("dossier."), expected)

    def test_nothing_remains_of_what_was_rolled_back(self):
        with self.assertRaises(RuntimeError), transaction.atomic():
            make_article()
            raise RuntimeError
        self.assertEqual(kinds(), [])

    def test_a_scheduled_article_is_told_when_it_is_public(self):
        now = timezone.now()
        make_article(at=now + timedelta(hours=1))
        tell_due(now)
        self.assertEqual(told(), [])
        tell_due(now + timedelta(hours=2))
        tell_due(now + timedelta(hours=3))
        self.assertEqual(told(), ["article.published"])

    def test_an_article_that_is_unscheduled_is_never_told(self):
        article = make_article(at=timezone.now() + timedelta(hours=1))
        unschedule(item=article)
        tell_due(timezone.now() + timedelta(days=1))
        self.assertEqual(kinds(), [])

    def test_an_article_that_is_moved_is_told_once_at_its_new_time(self):
        now = timezone.now()
        article = make_article(at=now + timedelta(hours=1))
        publish(item=article, at=now + timedelta(hours=5))
        tell_due(now + timedelta(hours=2))
        self.assertEqual(told(), [])
        tell_due(now + timedelta(hours=6))
        self.assertEqual(told(), ["article.published"])

    def test_a_withdrawal_that_is_taken_back_in_time_is_never_told(self):
        now = timezone.now()
        article = make_article(at=now - timedelta(hours=1))
        set_withdrawn(article, article, now + timedelta(hours=1), "")
        set_withdrawn(article, article, None, "")
        tell_due(now + timedelta(days=1))
        self.assertEqual(kinds("article."), ["published"])

    def test_reports_of_errors(self):
        report = make_error_report(make_article())
        answer_report(report=report, by=make_editor(), text="It is right.")
        self.assertEqual(kinds("error_report."), ["received", "answered"])


class CommentTests(TestCase):
    def test_shown_removed_and_approved_again(self):
        article, moderator = make_article(), make_member("Moderator")
        reader = make_subscription().user
        comment = post_comment(article=article, author=reader, text="The figures fit.", key=uuid.uuid4())
        first = "shown" if comment.is_visible else "waiting"
        decide(comment=comment, kind="approve", by=moderator, seen=0)
        decide(comment=comment, kind="remove", by=moderator, reason="Advertising", seen=None)
        self.assertEqual(kinds("comment.")[0], first)
        self.assertEqual(kinds("comment.")[-1], "removed")

    def test_deleted_by_its_author(self):
        delete_own(comment=make_comment())
        self.assertEqual(kinds("comment."), ["removed"])


@on_demo
class ReaderTests(TestCase):
    def test_an_account(self):
        user = make_user(verified=False)
        mark_email_verified(user=user)
        delete_account(user=user, keep_comments=True)
        self.assertEqual(kinds("reader."), ["created", "confirmed", "deleted"])
        self.assertNotIn("@", "".join(str(event.data) for event in Event.objects.all()))

    def test_a_subscription_and_its_payment(self):
        now = timezone.now()
        subscription = make_paid()
        lifecycle.cancel(subscription=subscription, now=now)
        lifecycle.undo_cancel(subscription=subscription, now=now)
        lifecycle.end_by_editor(subscription=subscription, now=now, actor="Ines")
        payment = subscription.payments.get()
        refund = refunds.refund(payment=payment, amount=Money(payment.minor, payment.currency), by="Ines")
        refunds.mark_transferred(refund=refund, by="Ines")
        self.assertEqual(kinds("subscription."), ["started", "cancelled", "changed", "ended"])
        self.assertEqual(kinds("payment."), ["received", "refunded"])
        data = Event.objects.get(kind="payment.received").data
        self.assertEqual(data["reader"], subscription.user_id)

    def test_a_gift(self):
        gift = make_gift()
        gifts.redeem(code=gift.code, user=make_user(), now=timezone.now())
        self.assertEqual(kinds("gift."), ["bought", "redeemed"])


class RowTests(TransactionTestCase):
    @takes_longer("Fifty threads publish.")
    def test_fifty_publications_at_once_are_all_told_once(self):
        kinds = [f"article.{what}" for what in ("published", "updated")]
        endpoint = Endpoint.objects.create(url="https://hooks.example/1", kinds=kinds, disabled_at=timezone.now())
        section, author = make_section(), make_author()
        own = [make_draft(section=section, authors=[author]) for _ in range(25)]
        shared = make_draft(section=section, authors=[author])
        waiting = iter([*own, *(copy(shared) for _ in range(25))])
        outcomes = at_once(lambda: publish(item=next(waiting)), 50)
        self.assertEqual([each for each in outcomes if isinstance(each, Exception)], [])
        with mock.patch.object(telling, "BATCH", 5):
            counts = at_once(lambda: tell_due(timezone.now()), 4)
        self.assertEqual(sum(counts), Event.objects.count())
        deliveries = Delivery.objects.filter(endpoint=endpoint).order_by("number").select_related("event")
        self.assertEqual([each.number for each in deliveries], list(range(1, 51)))
        data = [(each.event.data["id"], each.event.data["record_number"]) for each in deliveries]
        expected = [(str(each.uuid), 1) for each in own] + [(str(shared.uuid), number) for number in range(1, 26)]
        self.assertEqual(sorted(data), sorted(expected))
        self.assertEqual(Counter(each.event.kind for each in deliveries), dict(zip(kinds, (26, 24), strict=True)))

    def test_an_archive_is_not_told(self):
        publish_first_versions([FirstPublication(make_draft(), timezone.now(), "")])
        self.assertEqual(kinds(), [])

    def test_old_ones_are_deleted(self):
        make_article()
        now = timezone.now()
        tell_due(now)
        self.assertEqual(delete_old(now + timedelta(days=29)), 0)
        self.assertEqual(delete_old(now + timedelta(days=31)), 1)


class SignalTests(TestCase):
    def test_it_is_sent_once_what_is_due_is_committed(self):
        heard = mock.Mock()
        events_added.connect(heard)
        self.addCleanup(events_added.disconnect, heard)
        with self.captureOnCommitCallbacks(execute=True):
            add_events(new_event(Kind.TEST, at=timezone.now() + timedelta(hours=1)))
            add_events()
        heard.assert_not_called()
        with self.captureOnCommitCallbacks(execute=True):
            add_events(new_event(Kind.TEST), new_event(Kind.TEST))
            heard.assert_not_called()
        heard.assert_called_once()


class ReceiverTests(TestCase):
    def test_receivers_hear_of_what_is_committed_and_one_that_fails_disturbs_nothing(self):
        heard = []

        def fails(event, **kwargs):
            raise ValueError

        def hears(event, **kwargs):
            heard.append(event.kind)

        for receiver in (fails, hears):
            event_told.connect(receiver)
            self.addCleanup(event_told.disconnect, receiver)
        make_article()
        with self.captureOnCommitCallbacks() as callbacks:
            tell_due(timezone.now())
        self.assertEqual(heard, [])
        for callback in callbacks:
            callback()
        self.assertEqual(heard, ["article.published"])
