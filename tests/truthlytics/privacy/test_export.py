"""The download of everything stored about a reader."""

import json
from datetime import timedelta

import time_machine
from django.conf import settings
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from articles.models import SavedArticle
from comments.models import Appeal, Decision, Follow, ModeratorEmails, Mute, Notification, Report, Suspension, Vote
from comments.services import edit_comment
from subscriptions.models import AccountNote, Coupon, Declaration, Redemption, User
from subscriptions.services import receipts
from tests.articles.gift_links import make_gift_link
from tests.budget import takes_longer
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_error_report,
    make_paid,
    make_payment,
    make_price,
    make_user,
)
from tests.subscriptions.emails.samples import make_gift
from tests.subscriptions.journeys import Steps, code_for
from tests.truthlytics.newsletters.factories import make_issue, make_newsletter
from truthlytics.contact.models import Message
from truthlytics.newsletters.models import Address, Delivery, FollowedEmail, ProviderEvent, SignUp
from truthlytics.newsletters.models import Follow as NewsletterFollow
from truthlytics.privacy.export import export_data

EXPORT = "/account/data/export/"


class ExportTests(Steps, TestCase):
    def setUp(self):
        cache.clear()
        self.reader = make_user(display_name="Nadia Lund")
        self.article = make_article()

    def download(self):
        return self.client.post(EXPORT)

    def test_everything_about_the_reader_and_nothing_about_others(self):
        with self.captureOnCommitCallbacks(execute=True):
            make_paid(self.reader)
        receipts.issue(payment=make_payment(self.reader.subscriptions.get(), recorded_at=timezone.now()))
        coupon = Coupon.objects.create(code="SPRING", percent=50)
        Redemption.objects.create(
            coupon=coupon, user=self.reader, order=self.reader.orders.get(), state="used", at=timezone.now()
        )
        AccountNote.objects.create(user=self.reader, text="Called twice.", by="Edith Orr")
        make_gift(self.reader, make_price(), recipient_name="Per")
        make_gift(make_user(), make_price(), message="For you.", redeemed_by=self.reader, redeemed_at=timezone.now())
        comment = make_comment(article=self.article, author=self.reader, text="First words.")
        edit_comment(comment=comment, text="Better words.")
        Report.objects.create(comment=make_comment(text="Not mine."), reporter=self.reader, reason="insult")
        SavedArticle.objects.create(user=self.reader, article=self.article)
        make_gift_link(self.article, self.reader)
        make_comment(article=self.article, text="Somebody else’s.")
        self.log_in(self.reader)
        response = self.download()
        self.assertEqual(response["Content-Type"], "application/json; charset=utf-8")
        self.assertIn("attachment; filename=", response["Content-Disposition"])
        self.assertIn("no-store", response["Cache-Control"])
        data = json.loads(response.content)
        self.assertEqual(data["account"]["email"], self.reader.email)
        self.assertEqual(data["account"]["display_name"], "Nadia Lund")
        self.assertEqual([row["text"] for row in data["comments"]], ["Better words."])
        self.assertEqual(data["comments"][0]["earlier_texts"][0]["text"], "First words.")
        self.assertEqual([row["status"] for row in data["payments"]], ["succeeded"] * 3)
        self.assertEqual(data["payments"][0]["order"], data["orders"][0]["number"])
        self.assertEqual(data["payments"][2]["receipts"][0]["content"]["name"], "Nadia Lund")
        self.assertEqual(data["coupons"][0]["code"], "SPRING")
        self.assertEqual(data["gift_subscriptions_given"][0]["recipient_name"], "Per")
        self.assertEqual(data["gift_subscriptions_redeemed"][0]["message"], "For you.")
        self.assertEqual(data["notes"][0]["text"], "Called twice.")
        self.assertEqual(data["orders"][0]["total"], "€9.00")
        self.assertEqual(data["subscriptions"][0]["status"], "active")
        self.assertEqual(len(data["access"]), 1)
        self.assertIn("?gift=", data["gift_links"][0]["url"])
        self.assertIn("Welcome to Truthlytics", data["emails_sent"][-1]["subject"])
        self.assertTrue(data["saved_articles"][0]["article"].endswith(self.article.get_absolute_url()))
        self.assertEqual(data["reports"][0]["reason"], "insult")
        self.assertEqual(data["sessions"][0]["ip"], "127.0.0.1")
        self.assertNotIn(b"Somebody else", response.content)
        self.assertNotIn(b"Not mine", response.content)
        self.assertNotIn(self.reader.password, response.content.decode())

    def test_what_concerns_comments(self):
        theirs = make_comment(article=self.article, text="Not mine.")
        Vote.objects.create(comment=theirs, user=self.reader)
        Notification.objects.create(comment=theirs, user=self.reader, kind="reply")
        for model in (Follow, Mute):
            model.objects.create(user=self.reader, article=self.article)
        ModeratorEmails.objects.create(user=self.reader, frequency="never")
        Suspension.objects.create(user=self.reader, reason="Insults.")
        decision = Decision.objects.create(kind="remove", writer=self.reader, words="Mine.", by_name="Edith Orr")
        Appeal.objects.create(decision=decision, text="It was a joke.")
        data = export_data(self.reader)
        self.assertEqual(
            [data["votes"][0]["comment"], data["emails_about_comments"][0]["kind"]],
            [f"{settings.SITE_URL}{theirs.get_absolute_url()}", "reply"],
        )
        for name in ("followed_articles", "muted_articles"):
            self.assertTrue(data[name][0]["article"].endswith(self.article.get_absolute_url()))
        self.assertEqual(data["emails_to_moderators"][0]["frequency"], "never")
        self.assertEqual(data["suspensions"][0]["reason"], "Insults.")
        self.assertEqual(data["moderation"][0]["words"], "Mine.")
        self.assertEqual(data["appeals"][0]["text"], "It was a joke.")
        text = json.dumps(data, default=str)
        self.assertNotIn("Not mine.", text)
        self.assertNotIn("Edith Orr", text)

    def test_declarations_in_the_account_and_with_its_address(self):
        at = timezone.now()
        own = {"kind": "withdrawal", "declared_at": at, "name": "Nadia", "contract": "2026-00001", "reason": "Moved."}
        Declaration.objects.create(user=self.reader, email="old@example.org", **own)
        Declaration.objects.create(email=self.reader.email.upper(), **own | {"kind": "cancellation"})
        Declaration.objects.create(email="per@example.org", **own | {"reason": "Not mine."})
        rows = export_data(self.reader)["declarations"]
        self.assertEqual([row["kind"] for row in rows], ["withdrawal", "cancellation"])
        self.assertEqual([rows[0][name] for name in own], list(own.values()))

    def test_error_reports_and_messages_with_the_confirmed_address(self):
        at, article = timezone.now(), make_article()
        for address, text in [(self.reader.email.upper(), "Mine."), ("per@example.org", "Not mine.")]:
            Message.objects.create(subject="question", email=address, name="Nadia", text=text)
            closed = {"closed_at": at, "answer": f"{text} Thanks."}
            make_error_report(article, email=address, text=text, state="answered", **closed)
            make_error_report(article, email=address, text=text, state="dismissed", **closed)
        data = export_data(self.reader)
        self.assertEqual([row["text"] for row in data["messages"]], ["Mine."])
        reports = [(row["text"], row["state"], row["answer"]) for row in data["error_reports"]]
        self.assertEqual(reports, [("Mine.", "answered", "Mine. Thanks."), ("Mine.", "dismissed", "")])
        self.assertIn("/articles/", data["error_reports"][0]["article"])
        self.reader.verified_at = None
        data = export_data(self.reader)
        self.assertEqual([data["messages"], data["error_reports"]], [[], []])

    @takes_longer("Long lists are made and read.")
    def test_number_of_queries_does_not_grow(self):
        export_data(self.reader)
        for _ in range(5):
            make_comment(article=make_article(), author=self.reader)
            SavedArticle.objects.create(user=self.reader, article=make_article())
            make_gift_link(make_article(), self.reader)
            Follow.objects.create(user=self.reader, article=make_article())
            Vote.objects.create(user=self.reader, comment=make_comment())
            Notification.objects.create(user=self.reader, comment=make_comment(), kind="followed")
            make_gift(self.reader, make_price())
            receipts.issue(payment=make_payment(user=self.reader))
        for number in range(3):
            address = Address.objects.get_or_create(user=self.reader, email=self.reader.email)[0]
            SignUp.objects.create(address=address, newsletter=make_newsletter(), source="page")
            NewsletterFollow.objects.create(address=address, author=make_author())
            FollowedEmail.objects.create(address=address, article=make_article())
            Delivery.objects.create(issue=make_issue(), address=address, level=0)
            ProviderEvent.objects.create(event_id=number, address=address, happened_at=timezone.now())
        with self.assertNumQueries(1 + 45 + ("api" in settings.FEATURES)):
            export_data(User.objects.get(pk=self.reader.pk))

    def test_a_recent_login_is_required(self):
        self.assertRedirects(self.download(), f"/accounts/login/?next={EXPORT}")
        self.log_in(self.reader)
        with time_machine.travel(timezone.now() + timedelta(minutes=21)):
            response = self.download()
            self.assertEqual(response.url, "/accounts/reauthenticate/?next=%2Faccount%2Fdata%2Fexport%2F")
            confirmed = self.client.post(response.url, {"password": PASSWORD, "next": EXPORT}, follow=True)
            self.assertContains(confirmed, "Download my data")
            self.assertEqual(self.download()["Content-Type"], "application/json; charset=utf-8")

    def test_a_reader_without_password_logs_in_again_with_a_code(self):
        self.reader.set_unusable_password()
        self.reader.save()
        self.client.force_login(self.reader)
        page = self.download()
        self.assertContains(page, "Log in again", status_code=403)
        again = page.context["again"]
        self.assertRedirects(self.client.post("/accounts/logout/", {"next": again}), again)
        with self.captureOnCommitCallbacks(execute=True):
            code_page = self.client.post(again, {"email": self.reader.email, "next": EXPORT}).url
        response = self.client.post(code_page, {"code": code_for(self.reader.email), "next": EXPORT})
        self.assertRedirects(response, EXPORT)
        self.assertEqual(self.download().status_code, 200)

    def test_downloads_are_rate_limited(self):
        self.log_in(self.reader)
        for _ in range(5):
            self.assertEqual(self.download().status_code, 200)
        self.assertContains(self.download(), "several times in the last hour", status_code=429)
