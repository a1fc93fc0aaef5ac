"""The history page: comparing, naming, restoring and pruning revisions."""

import io
from datetime import timedelta

import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from articles.models import Article, Revision, Version
from articles.services.publishing import publish
from tests.articles.admin.editor import AtMost, EditorTestCase
from tests.budget import takes_longer
from tests.factories import make_article, make_draft, make_member, make_version
from tests.html import page_of, text_of


class HistoryTests(EditorTestCase):
    def history(self, article, **query):
        return self.client.get(self.url(article, "history"), query)

    def revision_url(self, article, key):
        return reverse("admin:articles_article_save", args=[article.pk, key])

    def keys(self, article):
        return [entry.key for entry in self.history(article).context["entries"]]

    def test_each_change_creates_a_revision(self):
        article = make_draft(headline="As imported")
        for headline in ("One", "One", "Two"):
            self.save(article, headline=headline)
        revisions = Revision.objects.order_by("number")
        self.assertEqual([revision.number for revision in revisions], [0, 1, 2])
        self.assertIn("As imported", revisions[0].content)
        self.assertEqual([revision.created_by for revision in revisions], [None, self.editor, self.editor])

    def test_revisions_and_versions_are_listed_together(self):
        with time_machine.travel(timezone.now() - timedelta(hours=1)):
            article = make_article(headline="Published")
        self.save(article, headline="Changed")
        with time_machine.travel(timezone.now() + timedelta(minutes=1)):
            publish(item=Article.objects.get(), note="The title was wrong.", kind="correction", by=self.editor)
        response = self.history(article)
        self.assertEqual([entry.title for entry in response.context["entries"]][:2], ["Version 2", "Revision 1"])
        self.assertIn("Correction: The title was wrong.", text_of(page_of(response)))

    def test_newest_is_compared_with_the_previous_by_default(self):
        article = make_draft(headline="Nought", body="<p>Nought.</p>")
        for word in ("One", "Two", "Three"):
            self.save(article, headline=word, body=f"<p>{word}.</p>")
        page = self.history(article)
        self.assertEqual((page.context["old"].title, page.context["new"].title), ("Revision 2", "Revision 3"))
        newest, *_, oldest = self.keys(article)
        self.assertContains(self.history(article, **{"from": oldest, "to": newest}), "Nought")
        for query in ({"from": "s999", "to": "x"}, {"from": "\ud7ff", "older": "9" * 40}, {"older": "-1"}):
            self.assertEqual(self.history(article, **query).status_code, 200)

    def test_restoring_a_revision_creates_a_revision(self):
        article = make_draft(headline="First", standfirst="Line", body="<p>First.</p>", slug="stays")
        author = article.bylines.get().author
        self.save(
            article, headline="Second", body="<p>Second.</p>", standfirst="", section="", **{"bylines-0-author": ""}
        )
        url = self.revision_url(article, self.keys(article)[-1])
        self.assertContains(self.client.get(url), "Restore to draft")
        self.assertRedirects(self.client.post(url), self.url(article))
        article.refresh_from_db()
        self.assertEqual((article.headline, article.standfirst, article.body), ("First", "Line", "<p>First.</p>"))
        self.assertEqual((article.bylines.get().author, article.slug), (author, "stays"))
        self.assertIsNotNone(article.section)
        self.assertEqual((article.revision_number, Revision.objects.saved().count()), (2, 3))

    def test_restoring_a_version_keeps_the_version(self):
        article = make_article(headline="Published")
        version = article.live
        self.save(article, headline="Draft since")
        self.client.post(self.revision_url(article, "v1"))
        article.refresh_from_db()
        self.assertEqual((article.headline, article.live), ("Published", version))
        self.assertEqual(Version.objects.get().digest, version.digest)

    def test_revision_can_be_named(self):
        article = make_draft()
        self.save(article, headline="For the lawyer")
        url = self.revision_url(article, self.keys(article)[0])
        self.client.post(url, {"name": " For legal\x00 reading "})
        self.assertContains(self.history(article), "For legal reading")
        self.client.post(url, {"name": "x" * 500})
        self.assertEqual(len(Revision.objects.saved().first().name), 80)

    def test_missing_and_foreign_revisions_answer_404(self):
        article, foreign = make_draft(), make_draft()
        self.save(foreign, headline="Secret")
        key = self.keys(foreign)[0]
        for unknown in (key, "s0", "v1", "v" + "9" * 30, "x1", "s"):
            self.assertEqual(self.client.get(self.revision_url(article, unknown)).status_code, 404)
        self.client.force_login(make_member("Author"))
        for method in (self.client.get, self.client.post):
            self.assertEqual(method(self.revision_url(foreign, key)).status_code, 404)
        self.assertEqual(self.history(foreign).status_code, 404)

    @takes_longer("Long lists are made and read.")
    def test_query_count_does_not_grow_with_the_history(self):
        article = make_draft()
        for number in range(12):
            self.save(article, headline=f"Headline {number}")
        make_version(Article.objects.get(), headline="Out")
        with self.assertNumQueries(AtMost(15)):
            self.history(article)

    def test_publish_page_shows_the_changes(self):
        article = make_article(body="<p>It saved 0.84 million tonnes.</p>")
        self.save(article, body="<p>It saved 0.48 million tonnes.</p>")
        page = self.client.get(self.url(article, "publish"))
        self.assertContains(page, "Changes for readers")
        self.assertIn("inserted: 0.48", [text_of(words) for words in page_of(page).iter("ins")])
        self.assertContains(page, "Change note, shown to readers")

    def test_changes_saved_after_opening_the_publish_page_block_it(self):
        article = make_article()
        self.save(article, headline="Looked at")
        form = self.client.get(self.url(article, "publish")).context["form"]
        data = {
            "when": "now",
            "last": 1,
            "ai_uses": "none",
            "kind": "update",
            "note": "News.",
            "revision": form["revision"].value(),
        }
        self.save(article, headline="Not looked at")
        response = self.client.post(self.url(article, "publish"), data)
        self.assertContains(response, "saved again in the meantime", status_code=422)
        self.assertEqual(article.versions.count(), 1)


class PruningTests(EditorTestCase):
    def setUp(self):
        super().setUp()
        with time_machine.travel(timezone.now() - timedelta(days=200)):
            self.article = make_article()
            self.client.force_login(self.editor)
            for number in range(5):
                self.save(self.article, headline=f"Old {number}")
        self.client.force_login(self.editor)
        self.save(self.article, headline="New")

    def prune(self, **options):
        out = io.StringIO()
        call_command("prune_history", stdout=out, **options)
        return out.getvalue()

    def remaining(self):
        return list(Revision.objects.saved().order_by("number").values_list("number", flat=True))

    def test_old_revisions_are_pruned_except_the_newest(self):
        self.assertIn("4 revisions deleted", self.prune(keep_last=3))
        self.assertEqual(self.remaining(), [4, 5, 6])
        self.assertEqual(self.article.versions.count(), 1)

    def test_named_revisions_are_kept(self):
        Revision.objects.filter(number=1).update(name="For legal reading")
        self.prune(keep_last=1)
        self.assertEqual(self.remaining(), [1, 6])

    @takes_longer("Many requests, one after the other.")
    def test_recent_revisions_are_kept_and_set_aside_ones_pruned_by_age(self):
        Revision.objects.filter(number=2).update(set_aside=True)
        self.prune(keep_last=20)
        self.assertFalse(Revision.objects.filter(set_aside=True).exists())
        self.assertIn("0 revisions deleted", self.prune(keep_days=201, keep_last=1))

    def test_dry_run_deletes_nothing(self):
        self.assertIn("5 revisions would be deleted", self.prune(keep_last=2, dry_run=True))
        self.assertEqual(len(self.remaining()), 7)

    def test_invalid_options_are_refused(self):
        for options in ({"keep_days": -1}, {"keep_days": 10**9}, {"keep_last": 0}):
            with self.assertRaises(CommandError):
                self.prune(**options)

    @takes_longer("Many requests, one after the other.")
    def test_editing_works_after_pruning(self):
        self.prune(keep_last=1, keep_days=0)
        self.save(self.article, headline="After")
        self.assertEqual(self.remaining(), [6, 7])
        self.assertEqual(self.client.get(self.url(self.article, "history")).status_code, 200)
