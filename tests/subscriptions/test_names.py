"""Display names: imitations are refused, and new names of readers with comments are reviewed."""

from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.test import TestCase
from django.urls import reverse

from articles.models import Author
from subscriptions.models import NameChange, User
from subscriptions.services.names import ProtectedNames, approve_name, change_name, imitating_users, refuse_imitation
from tests.factories import make_article, make_author, make_comment, make_editor, make_staff, make_user
from truthlytics.publication import get_publication

NAME = "/account/name/"
LIST = "/admin/subscriptions/namechange/"


class ImitationTests(TestCase):
    def setUp(self):
        make_author(name="Tomasz Wieczorek")
        make_author(name="Ann Lee")
        make_editor(display_name="Edith Orr")

    def refused(self, name, user=None):
        """The reason, or "". An import, which looks at many names, decides the same."""
        code = ""
        try:
            refuse_imitation(name, user=user)
        except ValidationError as error:
            code = error.code
        if user is None:
            self.assertEqual(ProtectedNames().are_imitated_by(name), bool(code))
        return code

    def test_names_of_authors_staff_and_the_publication_are_refused(self):
        publication = get_publication().name
        for name in [
            "Tomasz Wieczorek",
            "tomasz  wieczórek",
            "T0masz Wieczorek",
            "Wieczorek, Tomasz",
            "the real Tomasz Wieczorek",
            "ann LEE",
            "Edith Orr",
            "Ed1th 0rr",
            publication,
            f"{publication} Team",
        ]:
            with self.subTest(name):
                self.assertEqual(self.refused(name), "imitation")

    def test_cyrillic_and_greek_lookalikes_are_refused(self):
        self.assertEqual(self.refused("Tоmasz Wieczorek"), "mixed_scripts")
        self.assertEqual(self.refused("Аnn Lee"), "mixed_scripts")
        make_author(name="Sara Oram")
        self.assertEqual(self.refused("Ѕага Огам"), "imitation")

    def test_words_for_roles_are_refused(self):
        for name in ["Editor", "The Editor", "Chief moderator", "ED1TOR", "Staff", "Édito\u0301r", "m o d e r a t o r"]:
            with self.subTest(name):
                self.assertEqual(self.refused(name), "role")

    def test_similar_ordinary_names_are_accepted(self):
        for name in ["Tomasz", "Tamara Wieczorek", "Joann Leeson", "Edie Torres", "Edith", "Staffan", "Мария", "山田"]:
            with self.subTest(name):
                self.assertEqual(self.refused(name), "")

    def test_authors_and_staff_may_use_their_own_name(self):
        author, editor = make_user(), User.objects.get(display_name="Edith Orr")
        Author.objects.filter(name="Ann Lee").update(user=author)
        self.assertEqual(self.refused("Ann Lee", author), "")
        self.assertEqual(self.refused("Edith Orr, editor", editor), "")
        self.assertEqual(self.refused("Ann Lee", editor), "imitation")

    def test_signup_explains_the_refusal(self):
        cache.clear()
        response = self.client.post(
            reverse("account_signup"), {"email": "nadia@example.org", "display_name": "Tomasz Wieczorek"}
        )
        self.assertContains(response, "looks like, the name of one of our authors")
        self.assertFalse(User.objects.filter(email="nadia@example.org").exists())

    def test_readers_named_like_a_later_author_are_listed(self):
        reader = make_user(display_name="Ines Calloway")
        make_user(display_name="Somebody Else")
        author = make_author(name="Inés Calloway")
        self.client.force_login(make_editor(display_name="Root"))
        response = self.client.get("/admin/subscriptions/user/?imitates=yes")
        self.assertContains(response, reader.email)
        self.assertNotContains(response, "Somebody Else")
        author.user = reader
        author.save()
        self.assertFalse(imitating_users().exists())


class NewNameTests(TestCase):
    def setUp(self):
        cache.clear()
        self.reader = make_user(display_name="Nadia Lund")
        self.client.force_login(self.reader)

    def ask(self, name="Nadia L."):
        return self.client.post(NAME, {"display_name": name}, follow=True)

    def current_name(self):
        return User.objects.get(pk=self.reader.pk).display_name

    def test_a_reader_without_comments_is_renamed_at_once(self):
        self.assertContains(self.ask(), "Your display name is now “Nadia L.”")
        self.assertEqual(self.current_name(), "Nadia L.")

    def test_a_new_name_for_comments_waits_for_a_moderator(self):
        make_comment(article=make_article(), author=self.reader)
        self.assertContains(self.ask(), "A moderator will check the new name “Nadia L.”")
        self.assertEqual(self.current_name(), "Nadia Lund")
        self.assertContains(self.client.get(NAME), "You asked for the name “Nadia L.”")
        self.ask("Nadia B.")
        self.assertEqual(NameChange.objects.get().name, "Nadia B.")
        self.ask("Nadia Lund")
        self.assertFalse(NameChange.objects.exists())

    def test_moderators_approve_and_decline_without_seeing_addresses(self):
        other = make_user(display_name="Ben Ode")
        for user, name in [(self.reader, "Nadia L."), (other, "Fake Name")]:
            make_comment(article=make_article(), author=user)
            change_name(user=user, name=name)
        moderator = make_staff(
            "comments.moderate_comment", "subscriptions.view_namechange", "subscriptions.review_namechange"
        )
        self.client.force_login(moderator)
        self.assertContains(self.client.get("/admin/"), "2 new display names awaiting approval")
        page = self.client.get(LIST)
        self.assertContains(page, "Nadia L.")
        self.assertNotContains(page, self.reader.email)
        for action, user in [("approve", self.reader), ("decline", other)]:
            data = {"action": action, "_selected_action": [user.name_change.pk]}
            with self.captureOnCommitCallbacks(execute=True):
                self.client.post(LIST, data, follow=True)
        self.assertEqual(self.current_name(), "Nadia L.")
        self.assertEqual(User.objects.get(pk=other.pk).display_name, "Ben Ode")
        self.assertEqual([email.to for email in mail.outbox], [[self.reader.email], [other.email]])

    def test_moderators_do_not_decide_about_their_own_name(self):
        moderator = make_staff("subscriptions.view_namechange", "subscriptions.review_namechange")
        own = NameChange.objects.create(user=moderator, name="The Editor")
        self.client.force_login(moderator)
        for action in ("approve", "decline"):
            page = self.client.post(LIST, {"action": action, "_selected_action": [own.pk]}, follow=True)
            self.assertContains(page, "Another moderator has to decide about your own name.")
        self.assertTrue(NameChange.objects.filter(pk=own.pk).exists())

    def test_a_name_changed_after_it_was_listed_is_not_approved(self):
        make_comment(article=make_article(), author=self.reader)
        change_name(user=self.reader, name="Nadia L.")
        listed = NameChange.objects.get()
        change_name(user=self.reader, name="Something Rude")
        self.assertFalse(approve_name(change=listed))
        self.assertEqual(self.current_name(), "Nadia Lund")

    def test_imitations_are_refused_for_renames_too(self):
        make_author(name="Tomasz Wieczorek")
        response = self.client.post(NAME, {"display_name": "TOMASZ WIECZOREK"})
        self.assertContains(response, "Choose another name.", status_code=422)

    def test_new_names_are_rate_limited(self):
        for number in range(10):
            self.ask(f"Nadia {chr(97 + number)}")
        response = self.client.post(NAME, {"display_name": "Nadia Z"})
        self.assertContains(response, "You have changed your name too often.", status_code=429)
