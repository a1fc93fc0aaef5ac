"""A publication in German: comments, reports of errors, sources, and emails about them."""

from datetime import timedelta

import time_machine
from django.core import mail
from django.core.cache import cache
from django.urls import reverse
from django.utils import timezone

from articles.homepage.layout import Layout
from articles.services.error_reports import answer_report, credit_for, draft_correction, settle_with
from comments.models import Follow, ModeratorEmails, Mute, Report
from comments.services import answer_appeal, appeal_against, decide, email_writers
from comments.services.moderator_emails import send_due as send_moderator_emails
from comments.services.muting import KINDS, Emails
from comments.services.notification_emails import send_due
from comments.services.notifications import create_notifications
from comments.services.picks import pick
from comments.services.votes import count_changed, toggle_vote
from subscriptions.services.access import access_for
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_comment,
    make_commenter,
    make_edition,
    make_editor,
    make_error_report,
    make_source,
    make_user,
    make_version,
)
from tests.truthlytics.test_german import TEXT, GermanTestCase
from truthlytics.publication.language import site_language

ANSWERS = {
    "why_written": "Niemand hatte gezählt.",
    "how_known": "Wir haben gezählt.",
    "not_known": "Wem der Rest gehört.",
    "interests": "Keine.",
    "ai_use": "Keiner.",
}
LINK = "https://example.org/bericht"


class ReactionsTestCase(GermanTestCase):
    def setUp(self):
        cache.clear()
        self.page = self.article.get_absolute_url()

    def read(self, *urls, status=200):
        return [self.assert_german_page(self.client.get(url), status) for url in urls][-1]

    def post(self, url, status=200, **data):
        return self.assert_german_page(self.client.post(url, data, follow=True), status)

    def log_in(self, user=None):
        self.client.force_login(user := user or make_commenter(display_name="Cem"))
        return user

    def decide(self, kind="remove", **options):
        with time_machine.travel(timezone.now() - timedelta(minutes=5)), site_language():
            return decide(comment=self.comment, kind=kind, by=make_editor(), reason="Werbung", **options)


class ThreadTests(ReactionsTestCase):
    @takes_longer("Many pages are read word by word.")
    def test_picks_votes_and_quotations(self):
        self.log_in()
        url = f"{self.page}comments/"
        self.post(url, text="Stimmt.", quote="Der freie Text", key="1" * 32)
        self.post(url, text="Nein.", quote="Steht nirgends", key="2" * 32, status=422)
        self.assertContains(self.read(self.page), "Im Artikel zeigen")
        toggle_vote(comment=self.comment, user=make_user())
        count_changed(timezone.now())
        pick(comment=self.comment, by=make_editor(), beside=True)
        page = self.read(self.page, f"{self.page}?sort=newest", f"{self.page}?sort=helpful", "/account/comments/")
        make_version(
            self.article, body=TEXT.replace("Der freie Text", "Ein anderer Text"), kind="update", note="Neues."
        )
        self.client.logout()
        page = self.read(self.page)
        for text in ("Aus den Kommentaren", "Empfehlungen der Redaktion", "Hilfreich <b>1</b>", "neu seit Ihrem"):
            self.assertContains(page, text)

    def test_quotations_of_gated_passages(self):
        self.log_in()
        self.post(f"{self.gated.get_absolute_url()}comments/", text="Stimmt.", quote="Der Rest.", key="1" * 32)
        self.client.logout()
        self.assertContains(self.read(self.gated.get_absolute_url()), "nur mit Abonnement lesen")

    def test_buttons_answer(self):
        self.log_in()
        for pressed in ("1", "0"):
            self.post(f"/comments/{self.comment.pk}/vote/", helpful=pressed)
        self.log_in(make_editor())
        self.read(self.page)
        for place in ("thread", "beside", ""):
            self.post(f"/comments/{self.comment.pk}/pick/", place=place)

    def test_who_may_comment(self):
        thread = self.comment.article.thread
        for fields in ({"required_level": 20}, {"required_level": None, "slow_minutes": 5}, {"is_off": True}):
            for name, value in fields.items():
                setattr(thread, name, value)
            thread.save()
            self.client.logout()
            self.read(f"{self.page}comments/", status=200)
            self.log_in()
            self.read(self.page)

    def test_own_comments(self):
        self.log_in(self.comment.author)
        for number in range(7):
            make_comment(parent=self.comment, author=make_user(display_name="Bo") if number else None)
        self.read("/account/comments/", self.page)
        self.decide("ask")
        self.read("/account/comments/", f"/comments/{self.comment.pk}/edit/")


class SuspensionTests(ReactionsTestCase):
    @takes_longer("Many pages are read word by word.")
    def test_decisions_and_appeals(self):
        for number, (kind, options, upheld) in enumerate(
            [
                ("remove", {}, True),
                ("suspend", {"until": timezone.now() + timedelta(days=7)}, False),
                ("suspend", {}, False),
            ]
        ):
            self.comment = make_comment(article=self.article, text=f"Nein {number}.")
            url = f"/comments/decisions/{self.decide(kind, **options).pk}/"
            self.client.logout()
            self.log_in(self.comment.author)
            self.read(url, "/account/comments/", self.page, f"{self.page}comments/")
            self.post(url, status=422, text="")
            self.post(url, text="Das war ein Zitat.")
            decision = self.comment.decisions.get(kind=kind)
            answer_appeal(appeal=decision.appeal, by=make_editor(), upheld=upheld, reason="Das steht in den Regeln.")
            self.read(url)

    def test_emails(self):
        editor = make_editor()
        end = {"until": timezone.now() + timedelta(days=7)}
        with self.captureOnCommitCallbacks(execute=True):
            for number, (kind, options) in enumerate([("remove", {}), ("ask", {}), ("suspend", {}), ("suspend", end)]):
                self.comment = make_comment(article=self.article, text=f"Nein {number}.")
                decision = self.decide(kind, **options)
                if kind != "ask":
                    appeal = appeal_against(decision=decision, text="Ein Zitat.")
                    answer_appeal(appeal=appeal, by=editor, upheld=number == 0, reason="Doch.")
            email_writers(timezone.now())
        self.check_emails(at_least=4)


class FollowingTests(ReactionsTestCase):
    def test_followed_and_muted_articles(self):
        user, url = self.log_in(), f"{self.page}comments/following/"
        self.read(self.page, url, "/account/followed/")
        self.post(url)
        self.read(url, "/account/followed/")
        self.post(f"{url}removal/", back="")
        Mute.objects.create(user=user, article=self.article)
        self.read(url, "/account/followed/")
        self.post(f"{self.page}comments/muting/removal/")
        self.log_in(make_user(display_name="Bo"))
        self.read(f"{self.gated.get_absolute_url()}comments/following/")

    def test_links_in_emails(self):
        for emails in (Emails(self.comment.author.pk, KINDS), Emails(self.comment.author.pk, (), self.article.pk)):
            url = f"/comments/emails/{emails.token}/"
            self.read(url)
            self.post(url)
            self.post(f"{url}undoing/")
            self.assertContains(self.client.post(f"{url}one-click/"), "Sie bekommen diese E-Mails nicht mehr.")

    def test_choice_of_emails(self):
        self.log_in(editor := make_editor())
        self.read("/account/emails/")
        ModeratorEmails.objects.create(user=editor, frequency="never")
        self.post("/account/emails/moderation/", frequency="hourly")
        self.post("/account/emails/moderation/", frequency="nie")

    def comment_on(self, **fields):
        comment = make_comment(text="Eine Antwort.", **{"author": make_user(display_name="Per")} | fields)
        create_notifications(comment)
        return comment

    def test_emails(self):
        reader, other = self.comment.author, make_article(headline="Das Tor", slug="tor", body=TEXT)
        for article in (self.article, other):
            Follow.objects.create(user=reader, article=article)
        bundles = [
            [{"parent": self.comment}],
            [{"parent": self.comment, "author": None}],
            [{"article": self.article}],
            [{"parent": self.comment}, {"article": self.article}],
            [{"parent": self.comment}, {"article": other}],
        ]
        for hour, bundle in enumerate(bundles):
            with time_machine.travel(timezone.now() + timedelta(hours=2 * hour)):
                for fields in bundle:
                    self.comment_on(**fields)
                with self.captureOnCommitCallbacks(execute=True):
                    send_due(timezone.now() + timedelta(minutes=1), access_for=access_for)
        self.check_emails(at_least=len(bundles))

    def test_emails_to_moderators(self):
        ModeratorEmails.objects.create(user=make_editor(), frequency="hourly")
        for hold in ("first", "link", "word", "edited"):
            make_comment(article=self.article, text="Nanu.", status="waiting", hold=hold)
        Report.objects.create(comment=self.comment, reporter=make_user(), reason="insult")
        self.comment = make_comment(article=self.article, text="Nein.")
        appeal_against(decision=self.decide(), text="Doch.")
        with self.captureOnCommitCallbacks(execute=True):
            send_moderator_emails(timezone.now() + timedelta(minutes=1))
        self.check_emails()
        self.assertIn("Enthält einen Link", mail.outbox[0].body)


class ErrorTests(ReactionsTestCase):
    def test_reports_of_errors(self):
        url = reverse("articles:report_error", args=[self.article.slug])
        self.read(url, f"{url}?version=1", reverse("articles:error_reported", args=[self.article.slug]))
        self.post(url, status=422, text="", email="x", name="x" * 81)
        self.post(url, text="Es waren 50.")
        self.assertContains(self.read(self.page), "Fehler melden")

    def test_figures_on_the_page_of_corrections_and_the_front_page(self):
        make_edition(Layout(record=True))
        for days in (0, 3):
            for _ in range(2):
                with time_machine.travel(timezone.now() - timedelta(days=days)):
                    report = make_error_report(self.article, text="Falsch.")
                answer_report(report=report, by=make_editor(), text="Nein.")
            self.read(reverse("articles:corrections"))
        self.assertContains(self.read("/"), "Bilanz: November 2026")

    def test_emails(self):
        editor = make_editor()
        reports = [make_error_report(self.article, text="Falsch.", email="ola@example.org", name="Ola") for _ in "12"]
        with self.captureOnCommitCallbacks(execute=True):
            answer_report(report=reports[0], by=editor, text="Das stimmt so.")
        with self.captureOnCommitCallbacks(execute=True):
            draft_correction(report=reports[1], by=editor)
            version = make_version(self.article, body=f"{TEXT}<p>50</p>", kind="correction", note="50.", by=editor)
            settle_with(version=version, reports=[reports[1].pk])
        self.check_emails(at_least=2)
        self.assertEqual(credit_for(reports, ""), "Gemeldet von Ola.")


class SourceTests(ReactionsTestCase):
    def test_sources_and_how_we_know(self):
        fields = {"publisher": "Hafenamt", "archived_url": "https://archive.example/1", "accessed_on": "2026-05-03"}
        make_source(LINK, title="Bericht", kind="report", **fields)
        make_source(f"{LINK}/2", title="Gesetz", kind="law", gone_at=timezone.now(), **fields)
        make_source(f"{LINK}/3", title="Daten", kind="data", gone_at=timezone.now())
        notes = "".join(f'<sup data-footnote="Siehe {LINK}{end}"></sup>' for end in ("", "/2", "/3"))
        article = make_article(headline="Quellen", slug="quellen", body=f"<p>Text.{notes}</p>", **ANSWERS)
        page = self.read(article.get_absolute_url())
        for text in ("Archivkopie", "abgerufen: 3. Mai 2026", "Woher wir das wissen", "Einsatz von KI"):
            self.assertContains(page, text)
        changed = {"body": f"<p>Text.{notes.replace('/3', '/4')}</p>", "not_known": "Nichts."}
        make_version(article, kind="minor", note="Ein Versehen.", by=make_editor(), **changed)
        self.read(reverse("articles:article_comparison", args=["quellen", 1, 2]))
