"""Accounts and newsletters: the address follows the account, the export has it all, the deletion leaves nothing."""

from allauth.account.models import EmailAddress
from django.test import TestCase
from django.utils import timezone

from subscriptions.models import User
from subscriptions.services import email_changes
from subscriptions.services.accounts import create_account, mark_email_verified
from tests.factories import make_article, make_author, make_topic, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.newsletters.models import Address, Delivery, Follow, FollowedEmail, ProviderEvent, SignUp
from truthlytics.newsletters.services import follows
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data


class AddressTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.reader = make_user(email="old@example.org")
        cls.address = make_address(cls.newsletter, email="old@example.org", user=cls.reader)

    def change(self, *, confirmed=True):
        """Change the address of the account as allauth does."""
        with self.captureOnCommitCallbacks(execute=True):
            row = EmailAddress.objects.create(user=self.reader, email="new@example.org", verified=confirmed)
            row.set_as_primary()
            User.objects.filter(pk=self.reader.pk).update(verified_at=timezone.now() if confirmed else None)
        self.address.refresh_from_db()

    def test_it_moves_with_the_account(self):
        Address.objects.update(suppression="bounce", suppressed_at=timezone.now())
        self.change()
        self.assertEqual((self.address.email, self.address.suppression), ("new@example.org", ""))

    def test_it_stays_until_the_new_one_is_confirmed(self):
        self.change(confirmed=False)
        self.assertEqual(self.address.email, "old@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            mark_email_verified(user=User.objects.get(pk=self.reader.pk))
        self.address.refresh_from_db()
        self.assertEqual(self.address.email, "new@example.org")

    def test_it_goes_back_when_the_change_is_undone(self):
        self.change()
        change = email_changes.record_change(self.reader, old="old@example.org", new="new@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            email_changes.undo_change(change=change)
        self.address.refresh_from_db()
        self.assertEqual(self.address.email, "old@example.org")

    def test_what_the_new_address_gets_is_kept(self):
        left, only_new = self.newsletter, make_newsletter()
        SignUp.objects.filter(address=self.address).update(ended_at=timezone.now())
        other = make_address(left, only_new, email="new@example.org")
        author, topic, article = make_author(), make_topic(), make_article()
        for row, followed in (
            (other, [("author", author.pk), ("topic", topic.pk)]),
            (self.address, [("author", author.pk)]),
        ):
            follows.follow(address=row, followed=followed, frequency="", now=timezone.now())
            FollowedEmail.objects.create(address=row, article=article)
        self.change()
        self.assertEqual(list(Address.objects.all()), [self.address])
        active = self.address.sign_ups.active().values_list("newsletter", flat=True)
        self.assertEqual(list(active), [only_new.pk])
        self.assertEqual((Follow.objects.count(), FollowedEmail.objects.count()), (2, 1))

    def test_a_new_account_gets_what_its_address_got(self):
        address = make_address(self.newsletter, email="ada@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            user = create_account(email="ada@example.org", display_name="Ada", password="")
        address.refresh_from_db()
        self.assertEqual(address.user, user)


class PrivacyTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        newsletter, author, article = make_newsletter(name="Dispatch"), make_author(), make_article()
        cls.reader = make_user()
        cls.address = make_address(newsletter, email=cls.reader.email, user=cls.reader)
        follows.follow(address=cls.address, followed=[("author", author.pk)], frequency="weekly", now=timezone.now())
        FollowedEmail.objects.create(address=cls.address, article=article)
        issue = make_issue(newsletter, article, subject="Sent on Monday")
        delivery = Delivery.objects.create(issue=issue, address=cls.address, level=0, state="submitted")
        ProviderEvent.objects.create(
            provider="smtp",
            event_id="1",
            kind="delivered",
            delivery=delivery,
            address=cls.address,
            happened_at=timezone.now(),
        )
        cls.stranger = make_address(newsletter)

    def test_the_export_has_everything(self):
        found = export_data(self.reader)["newsletters"]
        self.assertEqual(found["signed_up"][0]["newsletter"], "Dispatch")
        self.assertIsNotNone(found["signed_up"][0]["confirmed_at"])
        self.assertEqual(found["frequency"], "weekly")
        self.assertEqual([row["subject"] for row in found["issues"]], ["Sent on Monday"])
        lists = ("signed_up", "follows", "issues", "articles_sent", "reports_of_mail_servers")
        self.assertEqual([len(found[name]) for name in lists], [1] * 5)

    def test_the_deletion_forgets_it_and_the_numbers_stay(self):
        delete_account(user=self.reader, keep_comments=True)
        self.assertEqual(list(Address.objects.all()), [self.stranger])
        self.assertEqual(list(Delivery.objects.values_list("address", "state")), [(None, "submitted")])
        self.assertFalse(Follow.objects.exists() or FollowedEmail.objects.exists())
        self.assertFalse(SignUp.objects.exclude(address=self.stranger).exists())

    def test_the_deletion_forgets_an_address_without_the_account(self):
        Address.objects.filter(pk=self.address.pk).update(user=None)
        delete_account(user=self.reader, keep_comments=True)
        self.assertEqual(list(Address.objects.all()), [self.stranger])
