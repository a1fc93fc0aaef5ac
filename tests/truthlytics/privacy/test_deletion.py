"""Deleting an account: comments become anonymous or lose their text, and invoices stay."""

from unittest import mock

from allauth.account.models import EmailAddress
from allauth.usersessions.models import UserSession
from django.core import mail
from django.core.cache import cache
from django.test import TestCase
from django.utils import timezone

from articles.models import GiftLink, SavedArticle
from comments.models import (
    Appeal,
    Comment,
    Decision,
    Follow,
    ModeratorEmails,
    Mute,
    Notification,
    Suspension,
    Thread,
    Vote,
)
from comments.services.votes import count_changed
from subscriptions.models import (
    AccountNote,
    Cart,
    Declaration,
    Grant,
    LedgerContract,
    LedgerEntry,
    Order,
    Payment,
    ProviderCustomer,
    Receipt,
    SentEmail,
    Subscription,
    User,
)
from subscriptions.services.access import access_for
from subscriptions.services.declarations import receive
from subscriptions.services.withdrawals import refunds_due, withdraw
from tests.articles.gift_links import make_gift_link
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_editor,
    make_error_report,
    make_order,
    make_paid,
    make_price,
    make_renewing,
    make_user,
)
from tests.subscriptions.emails.samples import make_gift
from tests.subscriptions.journeys import Steps, on_demo
from truthlytics.contact.models import Message
from truthlytics.privacy import deletion
from truthlytics.privacy.deletion import CannotDelete, delete_account

PAGE = "/account/deletion/"


class DeletionTests(Steps, TestCase):
    def setUp(self):
        cache.clear()
        self.reader = make_user(display_name="Nadia Lund", email="nadia@example.org")
        self.article = make_article()

    def delete(self, comments="keep", **data):
        self.log_in(self.reader)
        with self.captureOnCommitCallbacks(execute=True):
            return self.client.post(PAGE, {"comments": comments, "confirmed": "on", **data})

    def test_every_column_of_the_account_is_emptied_or_kept(self):
        User.objects.filter(pk=self.reader.pk).update(last_login=timezone.now(), verified_at=timezone.now())
        self.delete()
        self.reader.refresh_from_db()
        replaced = {"email", "password", "is_active", "deleted_at"}
        for field in User._meta.concrete_fields:
            if field.name not in deletion.KEPT | replaced:
                self.assertEqual(getattr(self.reader, field.attname), field.get_default(), field.name)

    def test_the_page_explains_and_requires_a_choice(self):
        make_paid(self.reader)
        self.log_in(self.reader)
        page = self.client.get(PAGE)
        self.assertContains(page, "Your subscription is paid until")
        self.assertNotContains(page, "Your comments</legend>")
        make_comment(author=self.reader)
        response = self.client.post(PAGE, {})
        self.assertContains(response, "Choose what happens to your comments.", status_code=422)
        self.assertContains(response, "Tick the box to delete your account.", status_code=422)
        self.assertIsNone(User.objects.get(pk=self.reader.pk).deleted_at)

    def test_nothing_that_identifies_the_reader_is_left(self):
        SavedArticle.objects.create(user=self.reader, article=self.article)
        make_gift_link(self.article, self.reader)
        make_author(user=self.reader)
        ProviderCustomer.objects.create(provider="stripe", user=self.reader, ref="cus_1")
        AccountNote.objects.create(user=self.reader, text="Called twice.", by="Edith Orr")
        given = make_gift(self.reader, make_price(), giver_name="Nadia Lund", recipient_name="Per")
        redeemed = make_gift(
            make_user(),
            make_price(),
            recipient_name="Nadia",
            recipient_email=self.reader.email,
            redeemed_by=self.reader,
            redeemed_at=timezone.now(),
        )
        self.choose(make_price())
        self.assertRedirects(self.delete(), "/", fetch_redirect_response=False)
        user = User.objects.get(pk=self.reader.pk)
        self.assertRegex(user.email, r"^deleted-\w{32}@deleted\.invalid$")
        self.assertEqual((user.display_name, user.name_key, user.is_active, user.verified_at), ("", "", False, None))
        self.assertFalse(user.has_usable_password())
        for gift in (given, redeemed):
            gift.refresh_from_db()
        self.assertEqual((given.giver_name, given.recipient_name), ("", "Per"))
        self.assertEqual((redeemed.recipient_name, redeemed.recipient_email), ("", ""))
        for model in (EmailAddress, UserSession, SavedArticle, Cart, ProviderCustomer, AccountNote):
            self.assertFalse(model.objects.filter(user=user).exists(), model)
        self.assertFalse(GiftLink.objects.exists())
        self.assertFalse(hasattr(user, "author"))

    def test_every_session_ends_and_nobody_logs_in_again(self):
        elsewhere = self.client_class()
        elsewhere.force_login(self.reader)
        self.delete()
        for client in (self.client, elsewhere):
            self.assertEqual(client.get("/account/").status_code, 302)
        self.assertContains(self.log_in(self.reader), "Wrong email or password")

    def test_comments_stay_without_the_name(self):
        comment = make_comment(article=self.article, author=self.reader, text="Kept words.")
        waiting = make_comment(article=self.article, author=self.reader, text="Unseen.", status="waiting")
        self.delete("keep")
        page = self.client_class().get(self.article.get_absolute_url())
        self.assertContains(page, "Kept words.")
        self.assertContains(page, "A former reader")
        self.assertNotContains(page, "Nadia Lund")
        self.assertIsNone(Comment.objects.get(pk=comment.pk).author)
        self.assertEqual(Comment.objects.get(pk=waiting.pk).text, "")
        self.assertEqual(Thread.objects.get().visible_count, 1)

    def test_votes_and_choices_about_comments_go(self):
        comment = make_comment(article=self.article)
        Vote.objects.create(comment=comment, user=self.reader)
        Vote.objects.create(comment=comment, user=make_user())
        Comment.objects.update(helpful_count=2)
        Notification.objects.create(comment=comment, user=self.reader, kind="followed")
        for model in (Follow, Mute):
            model.objects.create(user=self.reader, article=self.article)
        ModeratorEmails.objects.create(user=self.reader)
        self.delete()
        for model in (Vote, Notification, Follow, Mute, ModeratorEmails):
            self.assertFalse(model.objects.filter(user=self.reader).exists(), model)
        count_changed(timezone.now())
        self.assertEqual(Comment.objects.get(pk=comment.pk).helpful_count, 1)

    def decisions(self):
        """A decision with an answered appeal, and a suspension with an open one."""
        comment = make_comment(article=self.article, author=self.reader, text="Removed words.")
        about = {"writer": self.reader, "writer_name": "Nadia Lund", "words": comment.text, "comment": comment}
        removal, suspension = (Decision.objects.create(kind=kind, **about) for kind in ("remove", "suspend"))
        Suspension.objects.create(user=self.reader, reason="Insults.")
        Appeal.objects.create(decision=removal, text="A joke.", answered_at=timezone.now(), upheld=True)
        Appeal.objects.create(decision=suspension, text="A joke, too.")

    def test_decisions_stay_without_the_name(self):
        self.decisions()
        self.delete("keep")
        self.assertEqual(
            set(Decision.objects.values_list("writer", "writer_name", "words")), {(None, "", "Removed words.")}
        )
        self.assertEqual(list(Appeal.objects.values_list("text", flat=True)), ["A joke."])
        self.assertEqual(Suspension.objects.count(), 1)

    def test_words_in_decisions_go_with_the_texts(self):
        self.decisions()
        self.delete("remove")
        self.assertEqual(set(Decision.objects.values_list("words", flat=True)), {""})
        self.assertEqual(list(Appeal.objects.values_list("text", flat=True)), [""])

    def test_texts_of_comments_are_deleted_on_request(self):
        comment = make_comment(article=self.article, author=self.reader, text="Deleted words.")
        make_comment(article=self.article, parent=comment, text="A reply.")
        self.delete("remove")
        page = self.client_class().get(self.article.get_absolute_url())
        self.assertNotContains(page, "Deleted words.")
        self.assertContains(page, "Deleted by its author.")
        self.assertContains(page, "A reply.")
        row = Comment.objects.get(pk=comment.pk)
        self.assertEqual((row.text, row.html, row.author), ("", "", None))
        self.assertEqual(Thread.objects.get().visible_count, 1)

    def test_pages_with_the_comments_are_purged(self):
        make_comment(article=self.article, author=self.reader)
        with mock.patch.object(deletion, "invalidate") as invalidate:
            delete_account(user=self.reader, keep_comments=False)
        tags = {tag for call in invalidate.call_args_list for tag in call.args}
        self.assertLessEqual({f"user:{self.reader.pk}", f"thread:{self.article.pk}", "comments"}, tags)

    def test_subscription_ends_and_the_books_stay(self):
        subscription = make_paid(self.reader)
        self.delete()
        subscription.refresh_from_db()
        self.assertEqual((subscription.status, subscription.end_reason), ("ended", "deleted"))
        self.assertEqual(subscription.changes.last().event, "account_deleted")
        self.assertIsNotNone(Grant.objects.get().revoked_at)
        self.assertFalse(SentEmail.objects.exists())
        self.assertEqual(access_for(User.objects.get(pk=self.reader.pk), timezone.now()).level, 0)
        self.assertEqual((Order.objects.get().user_id, Order.objects.get().status), (self.reader.pk, "paid"))
        self.assertEqual((Payment.objects.get().status, LedgerEntry.objects.get().status), ("succeeded", "paid"))

    @on_demo
    def test_a_subscription_that_renews_ends_at_its_provider(self):
        make_renewing(self.reader)
        self.delete()
        self.assertEqual(LedgerContract.objects.get().status, "ended")
        self.assertEqual(Subscription.objects.get().provider_request, "")
        self.assertEqual(Receipt.objects.get().snapshot["name"], "Nadia Lund")

    def test_an_open_order_is_cancelled(self):
        order = make_order(self.reader, provider="manual")
        self.delete()
        self.assertEqual(Order.objects.get().status, "cancelled")
        self.assertEqual(LedgerEntry.objects.get().status, "closed")
        self.assertIn(f"Order {order.number} is cancelled.", mail.outbox[-1].body)

    def test_last_email_confirms_it(self):
        make_paid(self.reader)
        make_comment(author=self.reader)
        self.delete("remove")
        email = mail.outbox[-1]
        self.assertEqual((email.to, email.subject), (["nadia@example.org"], "Your account is deleted"))
        self.assertIn("Dear Nadia Lund,", email.body)
        self.assertIn("The text of your comments is deleted.", email.body)
        self.assertIn("Your subscription has ended", email.body)

    def test_deleting_twice_sends_one_email(self):
        with self.captureOnCommitCallbacks(execute=True):
            self.assertTrue(delete_account(user=self.reader, keep_comments=True))
            self.assertFalse(delete_account(user=self.reader, keep_comments=True))
        self.assertEqual(len(mail.outbox), 1)

    def test_staff_cannot_delete_their_account(self):
        self.reader = make_editor()
        self.log_in(self.reader)
        self.assertContains(self.client.get(PAGE), "You have access to the newsroom")
        self.client.post(PAGE, {"comments": "keep", "confirmed": "on"})
        with self.assertRaises(CannotDelete):
            delete_account(user=self.reader, keep_comments=True)
        self.assertIsNone(User.objects.get(pk=self.reader.pk).deleted_at)

    def test_the_address_can_sign_up_again(self):
        self.delete()
        with self.captureOnCommitCallbacks(execute=True):
            self.sign_up(email="nadia@example.org")
        self.assertIn("Your confirmation code", mail.outbox[-1].subject)
        self.confirm(email="nadia@example.org")
        self.assertEqual(User.objects.filter(email="nadia@example.org").count(), 1)

    def test_error_reports_and_messages_lose_name_and_address_at_once(self):
        own = {"email": "Nadia@example.org", "name": "Nadia Lund"}
        report = make_error_report(make_article(), **own)
        theirs = make_error_report(make_article(), email="per@example.org", name="Per Holm")
        message = Message.objects.create(subject="question", text="Hello.", **own)
        delete_account(user=self.reader, keep_comments=True)
        for row, expected in ((report, ("", "")), (message, ("", "")), (theirs, ("per@example.org", "Per Holm"))):
            row.refresh_from_db()
            self.assertEqual((row.email, row.name), expected)
        self.assertEqual(report.text, "The figure is wrong.")

    def test_declarations_lose_what_the_reader_wrote_and_stay_on_record(self):
        make_paid(self.reader)
        order, at = Order.objects.get(), timezone.now()
        words = {"name": "Nadia Lund", "contract": f"{order.number}, Nadia’s", "reason": "I’m ill."}
        made = withdraw(order=order, now=at)
        Declaration.objects.filter(pk=made.pk).update(**words)
        unknown = Declaration.objects.create(
            kind="cancellation", email="Nadia@example.org", declared_at=at, ends_on=at.date(), **words
        )
        theirs = Declaration.objects.create(kind="cancellation", email="per@example.org", declared_at=at, **words)
        self.delete()
        for row in (made, unknown, theirs):
            row.refresh_from_db()
        for row in (made, unknown):
            self.assertEqual((row.name, row.email, row.contract, row.reason), ("", "", "", ""))
        self.assertEqual((made.kind, made.order, made.user, made.declared_at), ("withdrawal", order, self.reader, at))
        self.assertEqual([str(due.amount) for due in refunds_due(made)], ["€9.00"])
        self.assertEqual((unknown.kind, unknown.declared_at, unknown.ends_on), ("cancellation", at, at.date()))
        self.assertEqual(theirs.reason, "I’m ill.")

    def test_a_declaration_that_waits_for_the_worker_is_not_confirmed_after_the_deletion(self):
        made = Declaration.objects.create(kind="withdrawal", email="nadia@example.org", declared_at=timezone.now())
        self.delete()
        mail.outbox.clear()
        receive.func(pk=made.pk)
        self.assertEqual(mail.outbox, [])

    def test_a_recent_login_is_required(self):
        self.client.force_login(self.reader)
        response = self.client.post(PAGE, {"comments": "keep", "confirmed": "on"})
        self.assertRedirects(response, "/accounts/reauthenticate/?next=%2Faccount%2Fdeletion%2F")
        response = self.client.post(response.url, {"password": PASSWORD, "next": PAGE})
        self.assertRedirects(response, PAGE)
        self.assertIsNone(User.objects.get(pk=self.reader.pk).deleted_at)
