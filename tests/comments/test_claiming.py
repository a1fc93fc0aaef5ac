"""Readers claim comments that they wrote on another site."""

from datetime import timedelta

from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client, TestCase
from django.utils import timezone

from comments.models import Comment, ImportedEmail
from comments.services.claiming import claim_comments, count_claimable
from comments.services.importing import ImportedThread, import_threads
from comments.services.moderator_emails import send_due
from tests.comments.test_imported import new_comment
from tests.factories import make_article, make_editor, make_user
from truthlytics.privacy.deletion import delete_account
from truthlytics.privacy.export import export_data

CLAIM = "/account/comments/claiming/"
ADDRESS = "ann@mail.example"


class ClaimingTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        cls.article = make_article()
        comments = [
            new_comment("1", email="Ann@Mail.example "),
            new_comment("2", email=ADDRESS, visible=False, text="Not approved."),
            new_comment("3", email="ben@mail.example", text="By Ben."),
            new_comment("4", email="no address"),
            new_comment("5"),
        ]
        (cls.rows,) = import_threads([ImportedThread(cls.article, comments)])
        cls.reader = make_user(email=ADDRESS, display_name="Ann Now")

    def setUp(self):
        self.client.force_login(self.reader)

    def test_only_valid_addresses_are_kept_in_lower_case(self):
        emails = dict(ImportedEmail.objects.values_list("comment", "email"))
        expected = {self.rows["1"].pk: ADDRESS, self.rows["2"].pk: ADDRESS, self.rows["3"].pk: "ben@mail.example"}
        self.assertEqual(emails, expected)

    def test_a_reader_with_the_confirmed_address_claims_on_the_account_page(self):
        page = self.client.get("/account/")
        self.assertContains(page, "2 comments of yours were imported")
        self.assertContains(page, f'action="{CLAIM}"')
        self.assertContains(self.client.get("/account/comments/"), f'action="{CLAIM}"')
        response = self.client.post(CLAIM, follow=True)
        self.assertContains(response, "2 comments are yours now.")
        self.assertContains(response, "It leaks.")
        self.assertContains(response, "Not approved.")
        own = Comment.objects.filter(author=self.reader)
        self.assertEqual(set(own), {self.rows["1"], self.rows["2"]})
        self.assertEqual(set(own.values_list("imported_name", "status")), {("", "visible"), ("", "waiting")})
        self.assertEqual(ImportedEmail.objects.count(), 1)
        thread = Client().get(self.article.get_absolute_url())
        self.assertContains(thread, "Ann Now", 1)
        self.assertContains(thread, "Ann Lee", 3)
        self.assertNotContains(self.client.get("/account/"), CLAIM)
        self.assertEqual(mail.outbox, [])

    def test_old_comments_can_be_deleted_but_no_longer_edited(self):
        claim_comments(by=self.reader)
        comment = self.rows["1"]
        self.assertEqual(self.client.get(f"/comments/{comment.pk}/edit/").status_code, 403)
        self.client.post(f"/comments/{comment.pk}/delete/")
        self.assertEqual(Comment.objects.get(pk=comment.pk).status, "removed")

    def test_nobody_else_gets_them(self):
        unconfirmed = make_user(email="ben@mail.example", verified=False)
        EmailAddress.objects.create(user=unconfirmed, email="ben@mail.example", verified=False, primary=True)
        for reader in (unconfirmed, make_user(display_name="Ann Lee"), make_user(email="xann@mail.example")):
            with self.subTest(reader.email):
                self.client.force_login(reader)
                self.assertNotContains(self.client.get("/account/"), CLAIM)
                self.client.post(CLAIM)
                self.assertFalse(Comment.objects.filter(author=reader).exists())
        EmailAddress.objects.filter(user=unconfirmed).update(verified=True, email="Ben@mail.example")
        self.assertEqual(count_claimable(unconfirmed), 1)

    def test_claiming_needs_a_login_and_a_form(self):
        self.assertEqual(self.client.get(CLAIM).status_code, 405)
        self.assertEqual(Client(enforce_csrf_checks=True).post(CLAIM).status_code, 403)
        anonymous = Client().post(CLAIM)
        self.assertIn("/accounts/login/", anonymous["Location"])
        self.assertFalse(Comment.objects.exclude(author=None).exists())

    def test_the_address_is_shown_to_nobody(self):
        self.client.force_login(make_editor())
        for url in (
            self.article.get_absolute_url(),
            "/admin/comments/queue/",
            "/admin/comments/comment/",
            f"/admin/comments/comment/{self.rows['1'].pk}/change/",
        ):
            with self.subTest(url):
                self.assertNotContains(self.client.get(url, follow=True), "mail.example")

    def test_the_download_has_them_and_a_deleted_account_takes_the_addresses_along(self):
        found = export_data(self.reader)["imported_comments_to_claim"]
        self.assertEqual(
            [(row["name"], row["email"], row["text"]) for row in found],
            [("Ann Lee", ADDRESS, "It leaks."), ("Ann Lee", ADDRESS, "Not approved.")],
        )
        delete_account(user=self.reader, keep_comments=True)
        self.assertEqual(ImportedEmail.objects.get().email, "ben@mail.example")
        self.assertEqual(Comment.objects.get(pk=self.rows["1"].pk).imported_name, "Ann Lee")

    def test_a_deleted_account_leaves_no_name_on_claimed_comments(self):
        claim_comments(by=self.reader)
        delete_account(user=self.reader, keep_comments=True)
        comment = Comment.objects.get(pk=self.rows["1"].pk)
        self.assertEqual((comment.writer_name, comment.is_imported, comment.text), ("", False, "It leaks."))


class ModeratorTests(TestCase):
    def test_moderators_find_imported_comments_in_the_queue_and_get_one_email(self):
        moderator = make_editor()
        comments = [new_comment(str(n), visible=False, text=f"Waiting {n}") for n in range(30)]
        import_threads([ImportedThread(make_article(), comments)])
        self.assertEqual(mail.outbox, [])
        now = timezone.now()
        with self.captureOnCommitCallbacks(execute=True):
            self.assertEqual(send_due(now), 1)
            for minutes in (2, 60, 600):
                send_due(now + timedelta(minutes=minutes))
        self.assertEqual([message.to for message in mail.outbox], [[moderator.email]])
        self.assertIn("30", mail.outbox[0].body)
        self.client.force_login(moderator)
        page = self.client.get("/admin/comments/queue/", follow=True)
        self.assertContains(page, "Waiting 0")
        self.assertContains(page, "Not approved on the old site")
