"""The language of the newsroom: the publication's, or the one chosen in a browser."""

from datetime import timedelta
from decimal import Decimal

from django import forms
from django.conf import settings
from django.contrib.auth.models import Group, Permission
from django.core import mail
from django.test import Client, TestCase
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import override

from articles.services.workflow import perform
from articles.workflow.stages import WorkflowAction
from comments.models import ModeratorEmails
from comments.services import moderator_emails
from subscriptions import emails
from subscriptions.admin.users import PermissionsField
from subscriptions.forms.amounts import AmountField
from subscriptions.models import Coupon
from tests.factories import (
    make_article,
    make_comment,
    make_draft,
    make_editor,
    make_member,
    make_section,
    make_user,
)
from truthlytics.audit.log import AuditEntry
from truthlytics.publication.models import Publication

LIST = reverse("admin:articles_article_changelist")


class NewsroomLanguageTests(TestCase):
    def setUp(self):
        self.client.force_login(make_editor())

    def choose(self, code, after=LIST):
        return self.client.post(reverse("admin:set_language"), {"language": code, "next": after})

    def test_without_a_choice_it_is_the_publications(self):
        self.assertContains(self.client.get(LIST), '<html lang="en-gb"')
        Publication.objects.update_or_create(pk=1, defaults={"language": "de"})
        self.assertContains(self.client.get(LIST), '<html lang="de"')

    def test_each_browser_has_its_own_and_readers_pages_keep_the_publications(self):
        article, other = make_article(), Client()
        other.force_login(make_editor())
        self.assertRedirects(self.choose("de"), LIST)
        self.assertContains(self.client.get(LIST), '<html lang="de"')
        self.assertContains(other.get(LIST), '<html lang="en-gb"')
        self.assertContains(self.client.get(article.get_absolute_url()), '<html lang="en-gb"')
        self.choose("en-gb")
        self.assertContains(self.client.get(LIST), '<html lang="en-gb"')

    def test_unknown_languages_and_addresses_elsewhere_are_ignored(self):
        for code in ("xx", "../de", "fr", ""):
            with self.subTest(code):
                self.choose(code)
                self.assertContains(self.client.get(LIST), '<html lang="en-gb"')
        self.assertEqual(self.choose("de", "https://evil.example/").url, "/")

    def test_only_those_with_access_to_the_newsroom_choose(self):
        client = Client()
        for user in (None, make_user()):
            with self.subTest(user=user):
                if user:
                    client.force_login(user)
                client.post(reverse("admin:set_language"), {"language": "de"})
                self.assertNotIn("language", client.cookies)
        self.client.get(reverse("admin:set_language") + "?language=de")
        self.assertNotIn("language", self.client.cookies)


class EmailLanguageTests(TestCase):
    """Emails to members of the newsroom are in the language that each has last chosen there."""

    def setUp(self):
        self.german, self.other = make_member("Editor"), make_member("Editor")
        self.client.force_login(self.german)
        self.client.post(reverse("admin:set_language"), {"language": "de"})
        self.german.refresh_from_db()

    def texts(self):
        """Return the subject and text of each email, by its address."""
        return {message.to[0]: f"{message.subject}\n{message.body}" for message in mail.outbox}

    def test_workflow_and_mentions(self):
        article = make_draft()
        by = make_member("Author", display_name="Ada")
        with self.captureOnCommitCallbacks(execute=True):
            perform(article=article, action=WorkflowAction.SENT, by=by, message="")
        texts = self.texts()
        self.assertIn("Ada sent it to review", texts[self.other.email])
        self.assertNotIn("sent it to review", texts[self.german.email])
        self.assertIn("Ada", texts[self.german.email])

    def test_moderation(self):
        for user in (self.german, self.other):
            user.groups.set(Group.objects.filter(name="Moderator"))
            ModeratorEmails.objects.create(user=user, frequency="hourly")
        make_comment(status="waiting", hold="first")
        with self.captureOnCommitCallbacks(execute=True):
            moderator_emails.send_due(timezone.now() + timedelta(minutes=1))
        english, german = self.texts()[self.other.email], self.texts()[self.german.email]
        self.assertIn("comment", english)
        self.assertIn("Kommentar", german)

    def test_roles(self):
        with self.captureOnCommitCallbacks(execute=True):
            emails.roles_changed(self.german, ["Editor"])
            emails.roles_changed(self.other, ["Editor"])
        self.assertIn("Your newsroom roles", self.texts()[self.other.email])
        self.assertNotIn("Your newsroom roles", self.texts()[self.german.email])

    def test_unknown_languages_are_not_kept(self):
        self.client.post(reverse("admin:set_language"), {"language": "xx"})
        self.german.refresh_from_db()
        self.assertEqual(self.german.newsroom_language, "de")


class GermanTests(TestCase):
    """What the newsroom writes and reads in German."""

    def setUp(self):
        self.publisher = make_member("Publisher")
        self.client.force_login(self.publisher)
        self.client.cookies[settings.LANGUAGE_COOKIE_NAME] = "de"

    def test_notes_in_the_audit_log_are_in_the_language_of_whoever_acts(self):
        section = make_section(name="Politik")
        self.client.post(reverse("admin:articles_section_order"), {"seen": section.pk, f"place-{section.pk}": 1})
        self.assertEqual(AuditEntry.objects.latest("pk").message, "Ressorts geordnet: Politik.")

    def test_names_that_django_made_are_translated_without_migrations(self):
        page = self.client.get(reverse("admin:subscriptions_coupon_add"))
        self.assertContains(page, "Höchstens eingelöst")
        self.assertIsNone(Coupon._meta.get_field("max_uses").deconstruct()[3].get("verbose_name"))

    def test_amounts_are_read_with_a_comma_or_a_point_and_shown_with_a_comma(self):
        with override("de"):
            for text in ("1,50", "1.50"):
                self.assertEqual(AmountField().clean(text), Decimal("1.50"))
            self.assertIn('value="1,50"', str(AmountForm(initial={"amount": Decimal("1.50")})["amount"]))
        with override("en-gb"):
            self.assertEqual(AmountField().clean("1,50"), Decimal("1.50"))

    def test_permissions_are_named_in_the_language_of_the_page(self):
        field = PermissionsField(Permission.objects.all())
        names = {"add_article": "Hinzufügen", "publish_article": "Darf Artikel veröffentlichen und zurückziehen"}
        with override("de"):
            for code, name in names.items():
                self.assertEqual(field.label_from_instance(Permission.objects.get(codename=code)), name)

    def test_roles_show_them_in_that_language_too(self):
        self.client.force_login(make_user(is_staff=True, is_superuser=True))
        page = self.client.get(reverse("admin:auth_group_add"))
        self.assertContains(page, "Darf Artikel veröffentlichen und zurückziehen")
        self.assertNotContains(page, "Can ")


class AmountForm(forms.Form):
    amount = AmountField()
