"""Readers of newsletters without an account have their address deleted, and nothing older brings it back."""

import re

from django.conf import settings
from django.core import mail
from django.test import TestCase, override_settings
from django.urls import reverse
from django.utils import timezone

from tests.factories import make_article, make_author, make_error_report, make_user
from tests.truthlytics.newsletters.factories import make_address, make_issue, make_newsletter
from truthlytics.contact.models import Message
from truthlytics.newsletters.models import Address, DeletedAddress, Delivery, Follow, SignUp
from truthlytics.newsletters.rendering import token_of
from truthlytics.newsletters.services.sign_up import Request, sign_up
from truthlytics.privacy.deletion import delete_account

EMAIL = "ada@example.org"
DELETED = reverse("newsletter_address_deleted")


class DeleteAddressTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.newsletter = make_newsletter()
        cls.address = make_address(cls.newsletter, email=EMAIL)

    def url(self, address=None):
        return reverse("newsletter_address", args=[token_of((address or self.address).uuid.hex)])

    def delete(self):
        self.assertRedirects(self.client.post(self.url()), DELETED)

    def request(self, source="page", asked_at=None):
        at = (asked_at or timezone.now()).timestamp()
        return Request(EMAIL, (self.newsletter.pk,), source, at)

    def test_the_page_of_choices_leads_to_it_and_only_the_button_deletes(self):
        choices = self.client.get(reverse("newsletters:choices", args=[token_of(self.address.uuid.hex)]))
        self.assertIn(self.url().rpartition("address/")[0] + "address/", choices.text)
        self.assertContains(self.client.get(self.url()), EMAIL)
        self.assertTrue(Address.objects.exists())
        self.delete()
        self.assertContains(self.client.get(DELETED), "Your address is deleted")

    def test_all_that_is_known_about_it_goes_and_numbers_stay(self):
        Follow.objects.create(address=self.address, author=make_author())
        issue = make_issue(self.newsletter)
        delivery = Delivery.objects.create(issue=issue, address=self.address, level=0)
        report = make_error_report(make_article(), email=EMAIL, name="Ada")
        Message.objects.create(email=EMAIL, name="Ada", text="x")
        self.delete()
        self.assertFalse(Address.objects.exists() or SignUp.objects.exists() or Follow.objects.exists())
        for row in (delivery, report):
            row.refresh_from_db()
        self.assertEqual((delivery.address, report.email, report.name), (None, "", ""))
        self.assertFalse(Message.objects.exclude(email="", name="").exists())
        self.assertNotIn(EMAIL, DeletedAddress.objects.get().digest)

    def test_strangers_get_404(self):
        for token in ("x", token_of("0" * 32), self.url()[:-4].rpartition("/")[2] + "AAAA"):
            with self.subTest(token):
                self.assertEqual(self.client.post(reverse("newsletter_address", args=[token])).status_code, 404)
        self.assertTrue(Address.objects.exists())
        self.delete()
        self.assertEqual(self.client.get(self.url()).status_code, 404)

    def test_one_with_an_account_is_deleted_with_it(self):
        own = make_address(user=make_user())
        self.assertRedirects(
            self.client.post(self.url(own)), reverse("privacy:deletion"), fetch_redirect_response=False
        )
        self.assertTrue(Address.objects.filter(pk=own.pk).exists())
        choices = self.client.get(reverse("newsletters:choices", args=[token_of(own.uuid.hex)]))
        self.assertNotContains(choices, "Delete my address")

    def test_no_import_brings_it_back(self):
        self.delete()
        self.assertIsNone(sign_up(self.request(source="import"), timezone.now()))
        with override_settings(SECRET_KEY="new", SECRET_KEY_FALLBACKS=[settings.SECRET_KEY]):
            self.assertIsNone(sign_up(self.request(source="import"), timezone.now()))
        self.assertFalse(Address.objects.exists())

    def test_a_link_that_was_asked_for_before_confirms_nothing(self):
        other = make_newsletter()
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("newsletters:sign_up"), {"email": EMAIL, "newsletters": [other.pk]})
        self.delete()
        link = re.search(r"/newsletters/confirm/\S+", mail.outbox[-1].body)[0]
        self.assertEqual(self.client.post(link).status_code, 410)
        self.assertFalse(Address.objects.exists())

    def test_its_reader_can_sign_up_again(self):
        self.delete()
        self.assertEqual(sign_up(self.request(), timezone.now()).email, EMAIL)

    def test_a_deleted_account_is_not_brought_back_either(self):
        user = make_user(email=EMAIL)
        delete_account(user=user, keep_comments=True)
        self.assertIsNone(sign_up(self.request(source="import"), timezone.now()))
