"""A publication in German: no English is left on readers' pages, in emails and feeds; dates and amounts are German."""

import json
import re
from datetime import UTC, datetime, timedelta
from functools import cache
from unittest import mock

import time_machine
from django.core import mail
from django.test import Client, TestCase, tag
from django.urls import reverse
from django.utils import timezone, translation
from lxml import html as lxml_html

from articles.services.corrections import supersede
from articles.services.publishing import publish, withdraw
from articles.services.sharing import share
from comments.services import answer_appeal, appeal_against, decide, email_writers
from subscriptions import emails
from subscriptions.models import Plan
from subscriptions.services.email_changes import record_change, token_for
from subscriptions.services.lifecycle import cancel, end_due
from tests.budget import takes_longer
from tests.factories import (
    PASSWORD,
    make_article,
    make_author,
    make_comment,
    make_commenter,
    make_dossier,
    make_draft,
    make_editor,
    make_order,
    make_page,
    make_paid,
    make_plan,
    make_price,
    make_section,
    make_series,
    make_tier,
    make_topic,
    make_user,
    make_version,
)
from tests.subscriptions.journeys import code_for, on_demo
from tests.truthlytics.catalogue import messages, read_po
from tests.truthlytics.test_catalogue import FOLDER
from truthlytics.publication import current
from truthlytics.publication.language import site_language
from truthlytics.publication.models import Publication
from truthlytics.web.known_devices import link_for
from truthlytics.web.text import split_words

NOW = datetime(2026, 11, 26, 13, 5, tzinfo=UTC)
SHOWN_ATTRIBUTES = ("aria-label", "alt", "title", "placeholder")
# Words that are in no German text of these pages.
ENGLISH = re.compile(r"\b(the|you|your|with|this|of|and|for|are|not|by|to|from|log|email|sign)\b", re.IGNORECASE)
PLACEHOLDER = re.compile(r"%\(\w+\)[sd]|{\w*}")
TEXT = "<p>Der freie Text.</p><h2>Erstens</h2><p>Mehr.</p><h2>Zweitens</h2><hr data-gate><p>Der Rest.</p>"


@cache
def english_messages():
    """Return the strings whose German translation differs, cut at their HTML tags."""
    return frozenset(_english_messages())


def _english_messages():
    entries = read_po(FOLDER / "django.po")
    for message in messages().keys() & entries.keys():
        for text in {message.text, message.plural} - set(entries[message].translations):
            for part in re.split("<[^>]+>", text.replace("&nbsp;", "\xa0")):
                if re.search("[a-zA-Z]{3}", PLACEHOLDER.sub("", part)):
                    yield part.strip()


def pattern(text):
    """Return a pattern for `text` in which placeholders match anything."""
    return re.compile(".+".join(re.escape(part.replace("%%", "%")) for part in re.split(PLACEHOLDER, text)))


@tag("sqlite")  # The words on pages do not depend on the database.
class GermanTestCase(TestCase):
    @classmethod
    def setUpClass(cls):
        cls.enterClassContext(time_machine.travel(NOW, tick=False))
        super().setUpClass()
        # The example of an order reference is the same in both languages. Tests call people “Reader 1” and “Author 1”.
        texts = english_messages() - {"2026-00042-K7QXM4TP", "Reader %(pk)s", "Author %(number)s"}
        cls.exact = {text for text in texts if not PLACEHOLDER.search(text)}
        # Short ones would match German, too.
        cls.patterns = [pattern(text) for text in texts - cls.exact if len(PLACEHOLDER.sub("", text).strip()) > 5]

    @classmethod
    def setUpTestData(cls):
        Publication.objects.create(
            name="Hafenblatt",
            tagline="Vom Wasser",
            description="Boote, meistens.",
            language="de",
            time_zone="Europe/Berlin",
        )
        plan = make_plan(
            make_tier(name="Lesen", benefits="Alles lesen"), name="Lesen", slug="lesen", summary="Für alle."
        )
        cls.price = make_price(plan, minor=900, currency="EUR", interval="month")
        make_price(plan, minor=9000, currency="EUR", interval="year")
        cls.author = make_author(name="Ines Halloran", slug="ines-halloran", role="Klima")
        cls.section = make_section(name="Politik", slug="politik", intro="Aus dem Rathaus.")
        cls.topic = make_topic(name="Hafen", slug="hafen")
        cls.series = make_series(name="Der lange Weg", slug="weg")
        common = {"authors": [cls.author], "section": cls.section, "topics": [cls.topic], "series": cls.series}
        common |= {"standfirst": "Ein Satz dazu.", "body": TEXT}
        cls.article = make_article(headline="Die Warteschlange", slug="schlange", series_part=1, **common)
        cls.gated = make_article(headline="Der Preis", slug="preis", required_level=10, series_part=2, **common)
        make_version(cls.article, note="Ein Name war falsch.")
        make_version(cls.article, note="Eine Zahl war falsch.")
        make_version(cls.article, note="Ein Ort war falsch.")
        cls.comment = make_comment(article=cls.article, text="Ein Kommentar", author=make_user(display_name="Ada"))

    def assert_german(self, texts, name):
        for text in texts:
            with self.subTest(name, text=text):
                self.assertFalse(text in self.exact, "This is not translated.")
                self.assertFalse([p.pattern for p in self.patterns if p.fullmatch(text)])
                self.assertNotRegex(re.sub(r"\S+[@/]\S+", "", text), ENGLISH)

    def assert_german_page(self, response, status=200):
        name = response.request["PATH_INFO"]
        self.assertEqual(response.status_code, status)
        root = lxml_html.fromstring(response.content)
        self.assertEqual((root.get("lang"), root.get("dir")), ("de", "ltr"))
        for element in list(root.iter("script", "style")):
            element.drop_tree()
        texts = [" ".join(text.split()) for text in root.itertext() if text.strip()]
        texts += [value for e in root.iter() for key, value in e.items() if key in SHOWN_ATTRIBUTES and value.strip()]
        texts += [e.get("content") for e in root.iter("meta") if e.get("name") == "description"]
        self.assert_german(texts, name)
        return response

    def check_emails(self, *, at_least=1):
        self.assertGreaterEqual(len(mail.outbox), at_least)
        for email in mail.outbox:
            root = lxml_html.fromstring(email.alternatives[0].content)
            self.assertEqual(root.get("lang"), "de")
            for style in list(root.iter("style")):
                style.drop_tree()
            texts = [" ".join(text.split()) for text in root.itertext() if text.strip()]
            texts += [email.subject, *(line.strip() for line in email.body.splitlines() if line.strip())]
            self.assert_german(texts, email.subject)


class PageTests(GermanTestCase):
    def read(self, name, *args, status=200, client=None, query=""):
        return self.assert_german_page((client or self.client).get(reverse(name, args=args) + query), status)

    def test_lists(self):
        make_dossier(self.article, title="Der Hafen", slug="der-hafen", summary="<p>Worum es geht.</p>")
        make_page(headline="Impressum", slug="impressum", body="<p>Wer wir sind.</p>", standfirst="")
        for name, *args in [
            ("front",), ("latest",), ("archive",), ("month", 2026, 11), ("section", "politik"), ("topic", "hafen"),
            ("author", "ines-halloran"), ("series", "weg"), ("dossier", "der-hafen"), ("page", "impressum"),
            ("topic_list",), ("author_list",), ("series_list",), ("dossier_list",),
        ]:  # fmt: skip
            self.read(f"articles:{name}", *args)

    def test_articles_and_their_gate(self):
        page = self.read("articles:article", "schlange")
        self.assertContains(page, "26. November 2026, 14:05 MEZ")
        self.assertContains(page, "26. November 2026, 14:05 Uhr MEZ")
        self.assertNotContains(page, "CET")
        self.assertContains(page, "Ressorts")
        gate = self.read("articles:article", "preis")
        self.assertContains(gate, "9,00\xa0€ im Monat")
        make_user_client = Client()
        make_user_client.force_login(make_user(display_name="Bo"))
        self.read("articles:article", "preis", client=make_user_client)
        commenter = Client()
        commenter.force_login(make_commenter(display_name="Cem"))
        self.read("articles:article", "schlange", client=commenter)

    @takes_longer("Long lists are made and read.")
    def test_history_and_corrections(self):
        editor = make_editor()
        wrong = make_version(
            self.article, body=f"{TEXT}<p>Zwei</p>", kind="clarification", note="Unklar.", by=editor, ai_use="Keine."
        )
        make_version(self.article, headline="Die Schlange", kind="minor", note="Ein Versehen.", by=editor)
        supersede(correction=wrong.correction, kind="correction", sentence="Es war falsch.", by=editor)
        self.article.versions.get(number=2).redact("Ein Gericht hat es verlangt.")
        for version in self.article.versions.was_public()[:6]:
            self.read("articles:article_version", "schlange", version.number)
        self.read("articles:article", "schlange")
        self.read("articles:article_history", "schlange")
        for old, new in [(1, 2), (1, 6), (4, 5), (5, 6)]:
            self.read("articles:article_comparison", "schlange", old, new)
        self.read("articles:corrections")
        page = make_page(headline="Impressum", slug="impressum", body="<p>Wer wir sind.</p>", standfirst="")
        for item in (page, make_dossier(self.article, title="Der Hafen", slug="der-hafen", summary="<p>Worum.</p>")):
            publish(item=item)
            name = item._meta.model_name
            self.read(f"articles:{name}_history", item.slug)
            self.read(f"articles:{name}_comparison", item.slug, 1, 2)
            self.read(f"articles:{name}_version", item.slug, 1)

    def test_search(self):
        for query in ("", "?q=Warteschlange", "?q=Warteschlange&sort=newest", "?q=Nirgendwo", "?q=Weg&year=1999"):
            self.read("articles:search", query=query)
        self.read("articles:search", query="?q=a&year=wann", status=400)

    def test_plans_cart_and_orders(self):
        self.assertContains(self.read("subscriptions:plans"), "9,00\xa0€")
        self.read("subscriptions:cart")
        self.client.force_login(user := make_user(display_name="Nadia"))
        self.client.post(reverse("subscriptions:cart_lines"), {"price": self.price.pk})
        self.read("subscriptions:cart")
        Plan.objects.update(archived_at=NOW)
        self.read("subscriptions:cart")
        Plan.objects.update(archived_at=None)
        with site_language():  # as in the request that orders
            order = make_order(user, self.price, provider="manual")
        self.read("subscriptions:order", order.uuid)
        self.assertContains(self.read("subscriptions:transfer", order.uuid), "10. Dezember 2026")
        self.read("subscriptions:account")

    def test_demo_payment(self):
        with on_demo:
            self.client.force_login(user := make_user(display_name="Nadia"))
            order = make_order(user, self.price)
            self.read("demo:payment", order.uuid)

    def test_accounts(self):
        for name in ("account_login", "account_signup", "account_reset_password", "account_request_login_code"):
            self.read(name)
        self.read("this_browser", link_for("a@example.org").split("/")[-2])
        self.read("this_browser", "x", status=410)
        self.assert_german_page(self.client.post(reverse("account_login"), {"login": "a@example.org", "password": "x"}))
        self.client.force_login(reader := make_paid(make_user(display_name="Nadia"), self.price).user)
        self.read("account_reauthenticate")
        self.client.post(reverse("account_reauthenticate"), {"password": PASSWORD})
        change = record_change(reader, old="vorher@example.org", new=reader.email)
        self.read("subscriptions:undo_email_change", token_for(change))
        self.read("subscriptions:undo_email_change", "x", status=410)
        for name in split_words(
            "subscriptions:account subscriptions:name subscriptions:cancellation account_email account_change_password "
            "usersessions_list account_logout articles:saved"
        ):
            self.read(name)

    def test_comments(self):
        self.read("comments:write", "schlange")
        self.client.force_login(make_commenter(display_name="Cem"))
        self.read("comments:write", "schlange", query=f"?parent={self.comment.pk}")
        self.read("comments:report", self.comment.pk)
        own = make_comment(article=self.article, text="Meiner", author=make_commenter(display_name="Cem"))
        self.client.force_login(own.author)
        self.read("comments:edit", own.pk)
        self.read("comments:delete", own.pk)
        with time_machine.travel(NOW - timedelta(minutes=1)):
            decision = decide(comment=self.comment, kind="suspend", by=make_editor(), reason="Werbung")
        self.client.force_login(self.comment.author)
        self.read("comments:appeal", decision.pk)
        self.read("comments:write", "schlange")

    def test_shared_drafts(self):
        draft = make_draft(headline="Im Entwurf", authors=[self.author], section=self.section, body=TEXT, standfirst="")
        link = share(article=draft, by=make_editor(), days=7)
        for name in ("articles:draft", "articles:draft_remarks"):
            self.read(name, link.token)
        self.read("articles:draft", "x" * 20, status=404)

    def test_error_pages(self):
        self.read("articles:article", "nirgendwo", status=404)
        withdraw(item=self.article)
        self.read("articles:article", "schlange", status=410)
        self.assert_german_page(self.client.get("/admin/articles/article/", follow=True))
        strict = Client(enforce_csrf_checks=True)
        self.assert_german_page(strict.post(reverse("subscriptions:cart_lines"), {"price": 1}), 403)
        kept = current._Kept(Publication.objects.get(), (), 0.0)
        with mock.patch.object(current, "_kept", kept):  # these pages use what was read last
            self.assert_german_page(self.client.get("/latest/", headers={"host": "elsewhere.example"}), 400)
        for _ in range(12):
            response = self.client.post(reverse("account_login"), {"login": "a@example.org", "password": "x"})
        self.assertIn(response.status_code, (200, 429))
        self.assert_german_page(response, response.status_code)

    def test_the_language_of_the_browser_changes_nothing(self):
        pages = [self.client.get("/latest/", headers={"accept-language": code}).content for code in ("en", "de")]
        self.assertEqual(*pages)


class MachineReadableTests(GermanTestCase):
    def test_feeds_sitemaps_and_structured_data_name_the_language(self):
        self.assertContains(self.client.get("/feeds/rss.xml"), "<language>de</language>")
        self.assertContains(self.client.get("/feeds/atom.xml"), 'xml:lang="de"')
        self.assertEqual(json.loads(self.client.get("/feeds/feed.json").content)["language"], "de")
        self.assertContains(self.client.get("/feeds/rss.xml"), "Weiterlesen bei Hafenblatt")
        self.assertContains(self.client.get(reverse("articles:sitemap_news")), "<news:language>de</news:language>")
        page = self.client.get(self.article.get_absolute_url())
        self.assertContains(page, '"inLanguage":"de"')
        self.assertContains(page, '<meta property="og:locale" content="de_DE">')


class EmailTests(GermanTestCase):
    def test_subscriptions(self):
        user = make_user(display_name="Nadia")
        with self.captureOnCommitCallbacks(execute=True), site_language():
            subscription = make_paid(user, self.price)
            emails.roles_changed(user, [])
            emails.name_approved(user)
            emails.name_declined(user, "Adam")
        # As the command `tick` does, without a request.
        with self.captureOnCommitCallbacks(execute=True):
            cancel(subscription=subscription, now=timezone.now())
            end_due(subscription.period_end)
        self.check_emails(at_least=6)
        self.assertIn("bis zum 10. Dezember 2026", mail.outbox[0].body)
        self.assertIn("9,00\xa0€", mail.outbox[1].body)

    def test_accounts(self):
        user = make_user(display_name="Nadia", email="nadia@example.org")
        with self.captureOnCommitCallbacks(execute=True):
            self.client.post(reverse("account_signup"), {"email": "neu@example.org", "display_name": "Neu"})
        self.assertTrue(code_for("neu@example.org"))
        with self.captureOnCommitCallbacks(execute=True):
            Client().post(reverse("account_signup"), {"email": user.email, "display_name": "Nadia"})
            for address in (user.email, "niemand@example.org"):
                Client().post(reverse("account_reset_password"), {"email": address})
                Client().post(reverse("account_request_login_code"), {"email": address})
        self.client.force_login(user)
        with self.captureOnCommitCallbacks(execute=True):
            data = {"oldpassword": "a-long-password", "password1": "ganz-anders-1", "password2": "ganz-anders-1"}
            self.client.post(reverse("account_change_password"), data)
        self.check_emails(at_least=5)

    def test_comments(self):
        editor, others = make_editor(), [make_comment(article=self.comment.article) for _ in range(2)]
        with self.captureOnCommitCallbacks(execute=True), site_language():
            removal = decide(comment=self.comment, kind="remove", by=editor, reason="Werbung")
            decide(comment=others[0], kind="ask", by=editor, reason="Werbung")
            decide(comment=others[1], kind="suspend", by=editor, reason="Werbung")
            email_writers(timezone.now() + timedelta(minutes=1))
            appeal = appeal_against(decision=removal, text="Nein.")
            answer_appeal(appeal=appeal, by=make_editor(), upheld=True, reason="Doch.")
        self.check_emails(at_least=4)


class LanguageTests(GermanTestCase):
    def test_code_outside_requests_uses_it_too(self):
        with site_language():
            self.assertEqual(translation.get_language(), "de")
            self.assertEqual(str(timezone.get_current_timezone()), "Europe/Berlin")
        self.assertEqual(translation.get_language(), "en-gb")

    def test_the_newsroom_has_the_site_language(self):
        self.client.force_login(make_editor())
        for name in ("index", "articles_article_changelist", "articles_article_add", "articles_section_changelist"):
            response = self.client.get(reverse(f"admin:{name}"))
            self.assertContains(response, '<html lang="de"')
            self.assertContains(response, "Abmelden")
            self.assertNotContains(response, "Log out")

    def test_setup_has_the_site_language(self):
        self.assertContains(self.client.get("/admin/setup/"), '<html lang="de"')

    def test_previews_have_the_site_language(self):
        self.client.force_login(make_editor())
        for url in (
            reverse("admin:articles_article_preview_page", args=[self.article.pk]),
            reverse("admin:front_preview_page"),
        ):
            self.assertContains(self.client.get(url), '<html lang="de"')

    def test_emails_about_actions_in_the_newsroom_have_the_site_language(self):
        user = make_user(display_name="Nadia", email="nadia@example.org")
        with self.captureOnCommitCallbacks(execute=True), translation.override("en-gb"):
            emails.roles_changed(user, ["Author"])
            emails.invitation(user, ["Redaktion"], url="/account/invitation/x/", by=make_user(display_name="Paula"))
            emails.name_approved(user)
            emails.name_declined(user, "Adam")
        self.assertEqual(len(mail.outbox), 4)
        for email in mail.outbox:
            self.assert_german([email.subject, *filter(None, email.body.splitlines())], email.subject)

    def test_the_editor_suggests_quotation_marks_of_the_site_language(self):
        self.client.force_login(make_editor())
        self.assertContains(self.client.get(reverse("admin:articles_article_add")), 'data-language="de"')

    def test_old_dates_in_lists_name_the_month(self):
        make_article(
            headline="Alt", slug="alt", at=NOW - timedelta(days=700), authors=[self.author], section=self.section
        )
        self.assertContains(self.client.get("/search/?q=Alt"), "Dez. 2024")
