"""The public history: the list of versions, of articles, dossiers and pages."""

from datetime import timedelta
from functools import partial

import time_machine
from django.utils import timezone

from articles.models import Redirect, Version
from articles.services.corrections import supersede
from articles.services.publishing import publish, unschedule, withdraw
from articles.services.redaction import redact
from tests.articles.views.history import BODY, HistoryCase
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_editor,
    make_page,
    make_version,
)
from tests.invalidation import invalidates

HOUR = timedelta(hours=1)


class HistoryListTests(HistoryCase):
    def test_versions_are_listed_newest_first_with_what_changed(self):
        author = make_author(name="Ines Berg")
        article = make_article(body=BODY, authors=[author])
        make_version(article, body=BODY.replace("41", "42 or 43"), note="One berth was missing.")
        html = self.text(article, "history/")
        self.assertLess(html.index("Version 2"), html.index("Version 1"))
        for text in ("One berth was missing.", "3 words added", "1 removed", "Ines Berg", "First version."):
            self.assertIn(text, html)
        self.assertIn(f'href="{article.get_absolute_url()}history/1..2/"', html)
        self.assertIn(f'href="{article.get_absolute_url()}versions/1/"', html)

    def test_kind_of_change_and_superseded_notes(self):
        article, editor = make_article(body=BODY), make_editor()
        wrong = make_version(article, body=BODY.replace("41", "42"), kind="clarification", note="Unclear.", by=editor)
        make_version(article, body=BODY.replace("41", "42").replace("wait", "waits"), kind="minor", by=editor)
        supersede(correction=wrong.correction, kind="correction", sentence="It was wrong.", by=editor)
        html = self.text(article, "history/")
        for text in (
            "<b>Correction.</b> It was wrong.",
            "<b>Minor edit.</b>",
            "<b>Clarification.</b> Unclear. <em>Super",
        ):
            self.assertIn(text, html)
        self.assertIn("No visible change", html)
        self.assertIn("<b>Clarification.</b> Unclear.", self.text(article, "history/1..2/"))

    def test_minor_edit_in_which_a_fact_changed_says_so(self):
        article, editor = make_article(body=BODY), make_editor()
        make_version(article, body=BODY.replace("41", "42"), kind="minor", note="A slip.", by=editor)
        for path in ("history/", "history/1..2/", ""):
            with self.subTest(path):
                html = self.text(article, path)
                self.assertIn("<b>Labelled minor by the editor:</b> A slip.", html)
                self.assertIn("(A figure changed.)", html)

    def test_sentence_on_versions_is_true_after_a_removal(self):
        article = make_article(body=BODY)
        self.assertIn("Published versions are never altered", self.text(article, "history/"))
        for number in (42, 43):
            make_version(article, body=BODY.replace("41", str(number)))
        html = self.text(article, "history/")
        self.assertIn(
            "3 versions have been published. Published versions are never altered; every change makes a new one.", html
        )
        redact(item=article, version=article.versions.get(number=1), reason="A court ordered it.")
        html = self.text(article, "history/")
        self.assertNotIn("never altered", html)
        self.assertIn("The text of one version was removed", html)

    def test_version_recorded_later_than_its_date_says_so(self):
        article = make_article(body=BODY, at=timezone.now() - timedelta(days=20))
        make_version(article, body=BODY.replace("41", "42"))
        html = self.text(article, "history/")
        self.assertEqual(html.count("Recorded on"), 1)
        self.assertLess(html.index('id="version-1"'), html.index("Recorded on"))
        page = make_page()
        self.assertNotIn("Recorded on", self.text(page, "history/"))

    def test_accounts_are_not_named(self):
        editor = make_editor(display_name="Private Person")
        drafts = (
            make_page(published=False, ai_uses=["none"]),
            make_dossier(make_article(), publish=False, ai_uses=["none"]),
        )
        for item in (make_draft(), *drafts):
            publish(item=item, by=editor)
            with self.subTest(item._meta.model_name):
                self.assertNotContains(self.page(item, "history/"), "Private Person")

    def test_versions_that_never_appeared_are_not_counted(self):
        article = make_article(body=BODY)
        make_version(article, at=timezone.now() + HOUR, body="<p>Planned words.</p>")
        unschedule(item=article)
        make_version(article, body=BODY.replace("41", "42"))
        self.assertEqual(Version.objects.count(), 3)
        self.assertNotIn("Version 3", self.text(article, "history/"))
        self.assertNotIn("Planned", self.text(article, "history/1..2/"))
        self.page(article, "versions/3/", 404)

    def test_scheduled_version_appears_at_its_time(self):
        article = make_article(body=BODY)
        make_version(article, at=timezone.now() + HOUR, body="<p>Later words.</p>")
        self.page(article, "versions/2/", 404)
        self.page(article, "history/1..2/", 404)
        self.assertNotIn("Version 2", self.text(article, "history/"))
        with time_machine.travel(timezone.now() + 2 * HOUR, tick=False):
            self.assertIn("Later", self.text(article, "history/1..2/"))
            self.assertIn("Version 2", self.text(article, "history/"))

    @takes_longer("Long lists are made and read.")
    def test_long_histories_have_pages_and_few_queries(self):
        article = make_article(body=BODY)
        for number in range(2, 34):
            make_version(article, body=BODY.replace("41", str(number)))
        with self.assertNumQueries(6):
            html = self.text(article, "history/")
        self.assertIn("Version 4 ", html.replace("<", " "))
        self.assertNotIn('id="version-3"', html)
        older = self.text(article, "history/?after=4")
        self.assertIn('id="version-3"', older)
        self.assertIn("word added", older)
        for after in ("0", "x", "1", "9" * 30, "-1"):
            self.page(article, f"history/?after={after}")
        for path in ("history/1..33/", "versions/1/"):
            with self.assertNumQueries(6):
                self.page(article, path)

    def test_every_article_links_to_its_history_and_to_the_page_that_verifies_it(self):
        article = make_article()
        for version in ("Version 1, unchanged", "Version 2"):
            with self.subTest(version):
                shown = self.client.get(article.get_absolute_url())
                for link in ("history/", "verify/"):
                    self.assertContains(shown, f'href="{article.get_absolute_url()}{link}"')
                self.assertContains(shown, version)
            make_version(article, headline="Another headline")


class ItemTests(HistoryCase):
    def test_pages_have_a_history(self):
        page = make_page(body="<p>Who we were.</p>")
        page.body = "<p>Who we are.</p>"
        page.save()
        publish(item=page, note="Grammar.")
        self.check(page, "were.", "Grammar.")

    def test_dossiers_have_a_history_without_articles_that_are_not_public(self):
        shown, hidden = make_article(headline="Shown piece"), make_article(headline="Hidden piece")
        dossier = make_dossier(shown, summary="<p>Who we were.</p>", entries=[{"date": "2024", "text": "An event."}])
        dossier.summary = "<p>Who we are.</p>"
        dossier.save()
        dossier.articles.create(article=hidden, position=2)
        dossier.entries.create(date="2025", text="Another event.")
        publish(item=dossier, note="Grammar.")
        self.assertIn("inserted: </span>Hidden piece", self.text(dossier, "history/1..2/"))
        self.assertIn("inserted: </span>2025: Another event.", self.text(dossier, "history/1..2/"))
        withdraw(item=hidden)
        self.assertNotIn("Hidden piece", self.text(dossier, "history/1..2/"))
        self.check(dossier, "were.", "Grammar.")

    def check(self, item, old, note):
        url = item.get_absolute_url()
        self.assertContains(self.client.get(url), f'href="{url}history/"')
        self.assertIn(note, self.text(item, "history/"))
        self.assertIn(f"removed: </span>{old[:4]}", self.text(item, "history/1..2/"))
        self.assertIn(old, self.text(item, "versions/1/"))
        self.assertContains(self.page(item, "versions/1/"), '<meta name="robots" content="noindex">')
        self.assertRedirects(self.client.get(f"{url}versions/2/"), url)
        withdraw(item=item)
        for path in ("history/", "history/1..2/", "versions/1/"):
            self.page(item, path, 410)

    def test_withdrawn_articles_answer_410_and_drafts_404(self):
        article = make_article(body=BODY)
        make_version(article, body="<p>New.</p>")
        withdraw(item=article)
        for path in ("history/", "history/1..2/", "history/1..9/", "versions/1/", "versions/2/"):
            self.assertNotContains(self.page(article, path, 410), "berths", status_code=410)
        draft = make_draft()
        for path in ("history/", "versions/1/"):
            self.page(draft, path, 404)

    def test_old_urls_redirect(self):
        for item in (make_article(slug="new-name"), make_page(slug="new-name")):
            old = item.get_absolute_url().replace("new", "old")
            fields = {"article": item} if item._meta.model_name == "article" else {"page": item}
            Redirect.objects.create(path=Redirect.normalise(old), **fields)
            for path in ("history/", "history/1..2/", "versions/1/"):
                with self.subTest(f"{old}{path}"):
                    response = self.client.get(f"{old}{path}")
                    self.assertEqual(response.status_code, 301)
                    self.assertEqual(response["Location"], f"{item.get_absolute_url()}{path}")
            self.assertEqual(self.client.get(f"{old}comments/").status_code, 404)

    @takes_longer("Long lists are made and read.")
    def test_cached_pages_change_with_the_item(self):
        article, page, dossier = make_article(body=BODY), make_page(), make_dossier(make_article())
        make_version(article, body=BODY.replace("41", "42"))
        for item, name in ((page, "headline"), (dossier, "title")):
            setattr(item, name, "Another name")
            item.save()
            publish(item=item)
        changes = {
            article: lambda: make_version(article, body=BODY.replace("41", "43")),
            page: lambda: publish(item=page),
            dossier: lambda: publish(item=dossier),
        }
        for item, change in changes.items():
            for path in ("history/", "history/1..2/", "versions/1/"):
                with self.subTest(f"{item}: {path}"):
                    response = self.page(item, path)
                    self.assertIn("public", response["Cache-Control"])
                    self.assertTrue(invalidates(self, response.cache_tags, change))
            response = self.page(item, "history/")
            other = make_article()
            if item is article:
                self.assertFalse(invalidates(self, response.cache_tags, partial(make_version, other, headline="B")))
            self.assertTrue(invalidates(self, response.cache_tags, partial(withdraw, item=item)))
