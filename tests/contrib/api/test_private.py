"""What keys of the publication read: readers, payments, comments and statistics."""

import json
from datetime import timedelta

from django.conf import settings
from django.core.cache import cache
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from articles.models import ReadCount
from articles.services.publishing import withdraw
from comments.models import Comment
from subscriptions.models import Grant, Payment, User
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.contrib.api.base import ApiTestCase
from tests.contrib.api.test_keys import API, with_key
from tests.factories import (
    make_article,
    make_comment,
    make_draft,
    make_editor,
    make_lapsed_reader,
    make_member,
    make_paid,
    make_payment,
    make_staff,
    make_subscriber,
    make_subscription,
    make_user,
)
from tests.truthlytics.newsroom.readership.cases import add_all
from truthlytics.contrib.api.models import Scope
from truthlytics.privacy.deletion import delete_account


class PrivateTestCase(ApiTestCase):
    scope = ""

    def setUp(self):
        cache.clear()
        self.headers = with_key(self.scope)

    def get(self, path, status=200):
        return self.ask(f"{API}/{path}", status, **self.headers)

    def every(self, path):
        """Return the items of all pages, which have two each."""
        found, url = [], f"{API}/{path}?limit=2"
        while url:
            answer = self.ask(url.removeprefix(settings.SITE_URL), **self.headers)
            found += answer["items"]
            url = answer["next"]
        return found

    def assert_same_queries(self, path, more):
        """Check that a page with ten times as many rows takes as many queries."""
        self.get(path)  # makes the counter of this minute
        with CaptureQueriesContext(connection) as queries:
            self.get(f"{path}?limit=100")
        for _ in range(10):
            more()
        with self.assertNumQueries(len(queries)):
            self.get(f"{path}?limit=100")


class ReaderTests(PrivateTestCase):
    scope = Scope.READERS

    def test_each_account_once_in_the_order_of_joining(self):
        made = [make_user() for _ in range(5)]
        self.assertEqual([row["id"] for row in self.every("readers")], [user.pk for user in made])

    def test_whoever_works_in_the_newsroom_is_not_told_of(self):
        reader = make_user()
        roles = [make_member(role) for role in ("Publisher", "Editor", "Author", "Moderator", "Support")]
        for user in [*roles, make_staff(), make_user(is_superuser=True)]:
            self.get(f"readers/{user.pk}", 404)
        self.assertEqual([row["email"] for row in self.every("readers")], [reader.email])

    def test_what_is_said_of_a_reader(self):
        subscription = make_paid()
        user = subscription.user
        row = self.get(f"readers/{user.pk}")
        self.assertEqual((row["email"], row["name"], row["access"]), (user.email, user.display_name, "subscriber"))
        self.assertEqual(row["subscription"]["plan"], subscription.price.description)
        self.assertEqual((row["subscription"]["state"], row["subscription"]["ended"]), ("active", None))

    def test_access_is_that_of_access_for(self):
        users = [make_user(), make_user(verified=False), make_subscriber(), make_subscriber(20), make_lapsed_reader()]
        users.append(make_subscriber(is_active=False))
        tomorrow = timezone.now() + timedelta(days=1)
        Grant.objects.create(user=users[2], level=20, starts_at=tomorrow, ends_at=tomorrow + timedelta(days=9))
        names = {0: "everybody", 1: "registered", 10: "subscriber", 20: "supporter"}
        found = {row["id"]: row["access"] for row in self.every("readers")}
        for user in users:
            self.assertEqual(found[user.pk], names[access_for(User.objects.get(pk=user.pk), timezone.now()).level])
        self.assertEqual(set(found.values()), set(names.values()))

    def test_the_running_subscription_wins_over_those_that_ended(self):
        user = make_user()
        now = timezone.now()
        make_subscription(user, status="ended", ended_at=now, anchor=now)
        running = make_subscription(user, anchor=now - timedelta(days=90))
        self.assertEqual(self.get(f"readers/{user.pk}")["subscription"]["state"], running.status)

    def test_deleted_accounts_are_not_there(self):
        user = make_user(email="nadia@example.org", display_name="Nadia Lund")
        delete_account(user=user, keep_comments=True)
        self.get(f"readers/{user.pk}", 404)
        self.assertNotIn(user.pk, [row["id"] for row in self.every("readers")])

    def test_numbers_that_no_reader_has(self):
        for number in ("0", "9" * 40):
            self.get(f"readers/{number}", 404)
        self.get("readers?after=zzz", 400)

    def test_secrets_of_accounts_are_in_no_answer(self):
        user = make_user()
        self.assertNotIn(user.password, json.dumps(self.get("readers")))

    @takes_longer("Long lists are made and read.")
    def test_a_full_page_takes_as_few_queries(self):
        make_paid()
        self.assert_same_queries("readers", make_paid)


class PaymentTests(PrivateTestCase):
    scope = Scope.PAYMENTS

    def test_what_is_said_of_a_payment(self):
        subscription = make_paid()
        payment = Payment.objects.get()
        (row,) = self.get("payments")["items"]
        self.assertEqual((row["amount"], row["currency"], row["state"]), (payment.minor, payment.currency, "succeeded"))
        self.assertEqual((row["reader"], row["order"]), (subscription.user_id, payment.order.number))
        self.assertEqual(row["receipt"], payment.receipts.get().code)
        Payment.objects.update(tax_minor=59, tax_rate=700, tax_kind="rate")
        (row,) = self.get("payments")["items"]
        self.assertEqual((row["tax"], row["tax_rate"], row["tax_kind"]), (59, "7.00", "rate"))

    def test_names_and_addresses_are_not_there(self):
        user = make_user(email="nadia@example.org", display_name="Nadia Lund")
        make_payment(make_paid(user), company="Lund Ltd", address="1 Road", vat_id="DE136695976", note="Odd.")
        text = json.dumps(self.get("payments"))
        for secret in ("nadia@example.org", "Nadia", "Lund", "1 Road", "DE136695976", "Odd."):
            self.assertNotIn(secret, text)

    def test_newest_first_on_as_many_pages_as_there_are(self):
        subscription, now = make_paid(), timezone.now()
        for days in range(1, 6):
            make_payment(subscription, recorded_at=now - timedelta(days=days))
        found = [row["recorded"] for row in self.every("payments")]
        self.assertEqual((len(found), found), (6, sorted(found, reverse=True)))

    @takes_longer("Long lists are made and read.")
    def test_a_full_page_takes_as_few_queries(self):
        make_paid()
        self.assert_same_queries("payments", make_paid)


class CommentTests(PrivateTestCase):
    scope = Scope.COMMENTS

    def comment(self, comment):
        return next(row for row in self.every("comments") if row["id"] == comment.pk)

    def test_what_is_said_of_a_comment(self):
        first = make_comment(text="A thought.")
        row = self.comment(make_comment(parent=first, text="An *answer* <script>."))
        self.assertEqual((row["parent"], row["state"], row["article"]), (first.pk, "visible", str(first.article.uuid)))
        self.assertIn("&lt;script&gt;", row["html"])
        row = self.comment(first)
        self.assertEqual((row["reader"], row["writer"]), (first.author_id, first.author.display_name))

    def test_waiting_and_removed_ones_are_marked(self):
        self.assertEqual(self.comment(make_comment(status="waiting"))["state"], "waiting")
        removed = make_comment(status="removed", removed_at=timezone.now(), removed_reason="Insult.", text="You fool.")
        row = self.comment(removed)
        self.assertEqual((row["state"], row["html"], row["writer"], row["reader"]), ("removed", "", "", None))

    def test_the_name_of_a_deleted_account_is_gone(self):
        writer = make_user(display_name="Nadia Lund")
        kept = make_comment(author=writer)
        delete_account(user=writer, keep_comments=True)
        row = self.comment(kept)
        self.assertEqual((row["writer"], row["reader"], "A thought." in row["html"]), ("", None, True))

    def test_what_a_comment_quotes_of_an_article_is_not_there(self):
        article = make_article(required_level=10)
        make_comment(article=article, quote="The gated text", quote_version=article.live, quote_is_gated=True)
        self.assertNotIn("The gated text", json.dumps(self.get("comments")))

    def test_imported_writers_have_a_name_and_no_account(self):
        row = self.comment(make_comment(author=None, imported_name="Old friend"))
        self.assertEqual((row["writer"], row["reader"]), ("Old friend", None))

    def test_a_full_page_takes_as_few_queries(self):
        make_comment()
        self.assert_same_queries("comments", make_comment)
        self.assertEqual(len(self.every("comments")), Comment.objects.count())


class StatisticsTests(PrivateTestCase):
    scope = Scope.STATISTICS

    def test_the_figures_of_the_dashboard(self):
        article, yesterday = make_article(headline="The harbour"), timezone.localdate() - timedelta(days=1)
        ReadCount.objects.create(article=article, day=yesterday, count=7)
        make_comment(article=article, created_at=timezone.now() - timedelta(days=1))
        make_subscription(anchor=timezone.now() - timedelta(days=1))
        answer = self.get("statistics")
        self.assertEqual(len(answer["days"]), 14)
        last = {"day": yesterday.isoformat(), "reads": 7, "new_subscribers": 1, "comments": 1}
        self.assertEqual({name: answer["days"][-1][name] for name in last}, last)
        self.assertEqual(answer["days"][-1]["counted_before"], 7)
        self.assertEqual(
            [(row["article"]["headline"], row["reads"]) for row in answer["most_read"]], [("The harbour", 7)]
        )

    def test_they_are_those_of_the_page(self):
        article, yesterday = make_article(), timezone.localdate() - timedelta(days=1)
        add_all(article, yesterday)
        answer = self.get("statistics")
        self.client.force_login(make_editor())
        page = self.client.get("/admin/statistics/", {"period": "day", "on": yesterday}).context
        shown = page["report"].total
        expected = {"people": 40, "read_to_half": 10, "assistants": 3, "programs": 70, "not_counted": 8}
        self.assertEqual([shown.people, shown.halves, shown.assistants, shown.programs, shown.not_counted],
                         list(expected.values()))  # fmt: skip
        for row in (answer["days"][-1], answer["most_read"][0]):
            self.assertEqual({name: row[name] for name in expected}, expected)
        self.assertEqual(answer["sources"], [{"kind": row.kind, "people": row.people} for row in page["sources"].kinds])

    def test_only_what_can_be_read_is_named(self):
        yesterday = timezone.localdate() - timedelta(days=1)
        gone, draft, changed = make_article(headline="Gone"), make_draft(headline="Secret"), make_article()
        changed.headline = "Not published yet"
        changed.save()
        for article in (gone, draft, changed):
            ReadCount.objects.create(article=article, day=yesterday, count=7)
        withdraw(item=gone, note="It was wrong.")
        answer = self.get("statistics")
        self.assertEqual([row["article"]["id"] for row in answer["most_read"]], [str(changed.uuid)])
        for secret in ("Gone", "Secret", "Not published yet"):
            self.assertNotIn(secret, json.dumps(answer))
