"""Two users edit one article: the second to save sees both versions and merges them."""

import random
import re
from threading import Barrier, Thread
from unittest import mock

from django.db import connection
from django.test import Client, SimpleTestCase
from django.urls import reverse

from articles.forms.articles import ArticleForm
from articles.models import Article, Autosave, Redirect, Revision
from articles.revisions.fields import LABELS
from articles.services import autosave
from tests.articles.admin.editor import EditorTestCase, form_data
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_draft, make_editor, make_topic
from tests.html import page_of, text_of
from tests.transactions import TransactionTestCase

THREE = "<p>One.</p><p>Two.</p><p>Three.</p>"


class ConflictTestCase(EditorTestCase):
    def setUp(self):
        super().setUp()
        self.article = make_draft(headline="Before", body=THREE)
        self.tom = Client()
        self.tom.force_login(make_editor(display_name="Tom Verbeek"))

    def conflict(self, theirs, mine):
        """Tom saves `theirs`; then the editor, who opened the same revision, saves `mine`."""
        opened = form_data(self.article)
        self.assertEqual(self.tom.post(self.url(self.article), opened | theirs).status_code, 302)
        return self.client.post(self.url(self.article), opened | {"_tab": "one"} | mine)

    def choose(self, page, client=None, **choices):
        context = page.context
        data = {
            "seen": context["original"].revision_number,
            "slot": f"{context['autosave'].tab}:{context['autosave'].sequence}",
        }
        response = (client or self.client).post(self.url(self.article, "merge"), data | choices)
        self.article.refresh_from_db()
        return response


class ConflictTests(ConflictTestCase):
    def test_second_save_shows_both_versions_and_overwrites_nothing(self):
        page = self.conflict({"headline": "Tom’s title"}, {"headline": "My title"})
        self.assertContains(page, "Tom Verbeek saved while you were writing", status_code=409)
        self.assertContains(page, "<del>", status_code=409)
        for text in ("Tom’s", "My"):
            self.assertContains(page, text, status_code=409)
        self.article.refresh_from_db()
        self.assertEqual(self.article.headline, "Tom’s title")
        self.assertIn("My+title", Autosave.objects.get(user=self.editor).form_data)

    def test_fields_are_chosen_and_the_other_version_is_in_the_history(self):
        page = self.conflict(
            {"headline": "Tom’s title", "standfirst": "Tom’s line"}, {"headline": "My title", "standfirst": "My line"}
        )
        self.assertRedirects(self.choose(page, headline="mine", standfirst="theirs"), self.url(self.article))
        self.assertEqual((self.article.headline, self.article.standfirst), ("My title", "Tom’s line"))
        set_aside = Revision.objects.get(set_aside=True)
        self.assertIn("My line", set_aside.content)
        self.assertEqual(Revision.objects.saved().count(), 3)
        self.assertFalse(Autosave.objects.filter(user=self.editor).exists())

    def test_changes_in_different_passages_are_merged_by_default(self):
        self.save(self.article, headline="Known")  # a revision that both start from
        self.article.refresh_from_db()
        page = self.conflict(
            {"body": "<p>One!</p><p>Two.</p><p>Three.</p>"},
            {"body": "<p>One.</p><p>Two.</p><p>Three.</p><p>Four.</p>", "standfirst": "Mine"},
        )
        self.choose(page)
        self.assertEqual(self.article.body, "<p>One!</p><p>Two.</p><p>Three.</p><p>Four.</p>")
        self.assertEqual((self.article.headline, self.article.standfirst), ("Known", "Mine"))

    def test_additions_of_a_colleague_are_not_struck_through(self):
        page = self.conflict({"body": THREE + "<p>Tom’s addition.</p>"}, {"standfirst": "Mine"})
        changes = [text_of(words) for words in page_of(page).iter("ins", "del")]
        self.assertIn("inserted: Tom’s addition.", changes)
        self.assertFalse([words for words in changes if words.startswith("removed: Tom")])

    def test_changes_in_one_paragraph_are_combined_by_default(self):
        sentence = "<p>The quick brown fox jumps over the lazy dog on Monday.</p>"
        self.save(self.article, body=sentence)
        self.article.refresh_from_db()
        theirs, mine = sentence.replace("quick", "slow"), sentence.replace("Monday", "Tuesday")
        page = self.conflict({"body": theirs}, {"body": mine})
        self.assertContains(page, "Combine both changes", status_code=409)
        self.choose(page)
        self.assertEqual(self.article.body, theirs.replace("Monday", "Tuesday"))

    def test_neighbouring_paragraphs_are_chosen_one_by_one(self):
        first, second = "<p>The harbour is open to all.</p>", "<p>Nobody counted the berths there.</p>"
        self.save(self.article, body=first + second)
        self.article.refresh_from_db()
        theirs = first.replace("open", "closed") + second.replace("there", "at night")
        mine = first.replace("open", "free") + second.replace("there", "by day")
        self.choose(self.conflict({"body": theirs}, {"body": mine}), **{"body-0": "theirs", "body-1": "mine"})
        self.assertEqual(self.article.body, first.replace("open", "closed") + second.replace("there", "by day"))

    def test_both_passages_can_be_kept(self):
        page = self.conflict({"body": THREE.replace("Two", "Tom’s")}, {"body": THREE.replace("Two", "Mine")})
        self.choose(page, **{"body-0": "both"})
        self.assertEqual(self.article.body, "<p>One.</p><p>Tom’s.</p><p>Mine.</p><p>Three.</p>")

    def test_authors_topics_and_section_are_chosen(self):
        ann, bob, ports = make_author(name="Ann"), make_author(name="Bob"), make_topic(name="Ports")
        first = self.article.bylines.get()
        page = self.conflict(
            {"bylines-1-author": ann.pk, "required_level": 10},
            {"bylines-0-author": "", "bylines-1-author": bob.pk, "topics": [ports.pk], "kind": "opinion"},
        )
        self.assertContains(page, "Ports", status_code=409)
        self.choose(page, bylines="mine", topics="mine", kind="mine", required_level="theirs")
        self.assertEqual([str(b) for b in self.article.bylines.all()], ["Bob"])
        self.assertEqual([t.name for t in self.article.topics.all()], ["Ports"])
        self.assertEqual((self.article.kind, self.article.required_level), ("opinion", 10))
        self.assertIn(first.author.name, Revision.objects.saved().order_by("number").first().content)

    def test_identical_saves_do_not_conflict(self):
        same = {"headline": "The same", "body": "<p>Same.</p>"}
        self.assertRedirects(self.conflict(same, same), self.url(self.article))
        self.assertFalse(Autosave.objects.exists())

    def test_third_save_during_the_merge_is_shown_first(self):
        page = self.conflict({"headline": "Tom’s"}, {"headline": "Mine"})
        self.article.refresh_from_db()
        self.tom.post(self.url(self.article), form_data(self.article, headline="Tom’s second"))
        second_conflict = self.choose(page, headline="mine")
        self.assertContains(second_conflict, "Tom’s second", status_code=409)
        self.assertEqual(self.article.headline, "Tom’s second")
        self.choose(second_conflict, headline="mine")
        self.assertEqual(self.article.headline, "Mine")

    def test_merge_page_can_be_reopened(self):
        self.conflict({"headline": "Tom’s"}, {"headline": "Mine"})
        self.assertContains(
            self.client.get(self.url(self.article)), "A newer version was saved after your unsaved changes"
        )
        page = self.client.get(self.url(self.article, "merge"))
        self.choose(page, headline="mine")
        self.assertEqual(self.article.headline, "Mine")

    def test_second_tab_of_the_same_user_conflicts(self):
        opened = form_data(self.article)
        self.client.post(self.url(self.article), opened | {"headline": "First tab", "_tab": "one"})
        page = self.client.post(self.url(self.article), opened | {"headline": "Second tab", "_tab": "two"})
        self.assertContains(page, "You saved in another window", status_code=409)

    def test_chosen_slug_is_made_unique_and_old_url_redirects(self):
        article = self.article = make_article(slug="old", headline="Before")
        make_draft(slug="wanted")
        page = self.conflict({"headline": "Tom’s"}, {"slug": "wanted"})
        self.choose(page, slug="mine")
        self.assertEqual(self.article.slug, "wanted-2")
        self.assertEqual(Redirect.objects.get().article, article)

    def test_overlong_text_is_cut(self):
        page = self.conflict({"headline": "Tom’s"}, {"headline": "x" * 5000, "slug": "../x", "seo_title": "y" * 900})
        self.choose(page, headline="mine", slug="mine", seo_title="mine")
        self.assertEqual(self.article.headline, "x" * 200)
        self.assertIn("x" * 5000, Revision.objects.get(set_aside=True).content)

    def test_merge_cannot_be_submitted_twice(self):
        page = self.conflict({"headline": "Tom’s"}, {"headline": "Mine"})
        for _ in range(2):
            self.assertRedirects(self.choose(page, headline="mine"), self.url(self.article))
        self.assertEqual(Revision.objects.saved().count(), 3)

    def test_form_without_a_revision_number_overwrites_nothing(self):
        self.save(self.article, headline="Saved")
        data = form_data(self.article, headline="Blind")
        del data["based_on"]
        self.assertEqual(self.client.post(self.url(self.article), data).status_code, 409)


class EveryFieldTests(SimpleTestCase):
    def test_all_form_fields_are_editable_fields(self):
        """Fields that `revisions.fields` does not know would be lost in a merge."""
        known = {*LABELS, "series_part"}  # part of the series
        self.assertEqual(set(ArticleForm.base_fields) - known, {"key", "based_on"})


class RandomEditsTests(ConflictTestCase):
    """A hundred random edits by two users: every text sent is in the article, an autosave or the history."""

    @takes_longer("Many requests, one after the other.")
    def test_no_text_is_lost_in_a_hundred_rounds(self):
        generator = random.Random(2026)
        editors = {"mara": self.client, "tom": self.tom}
        opened = {name: self.form(name) for name in editors}
        sent = set()
        conflicts = 0
        for number in range(100):
            name = generator.choice(["mara", "tom"])
            client, form = editors[name], opened[name]
            word = f"word{number:02}"
            sent.add(word)
            self.write(generator, form, word)
            if generator.random() < 0.4:
                response = client.post(
                    self.url(self.article, "autosave"),
                    form | {"_sequence": number + 1},
                    headers={"Accept": "application/json"},
                )
                self.assertEqual(response.status_code, 200)
                continue
            response = client.post(self.url(self.article), form)
            if response.status_code == 409:
                conflicts += 1
                self.assertEqual(self.missing(sent), set())
                choices = {
                    c: generator.choice(["mine", "theirs", "both"])
                    for c in ("body-0", "body-1", "headline", "standfirst")
                }
                self.assertEqual(self.choose(response, client, **choices).status_code, 302)
            opened[name] = self.form(name)
            self.assertEqual(self.missing(sent), set())
        self.assertEqual(self.missing(sent), set())
        self.assertEqual(len(sent), 100)
        self.assertGreater(conflicts, 10)

    def form(self, name):
        """What the form contains when the editor called `name` opens it, in the same tab."""
        self.article.refresh_from_db()
        return form_data(self.article) | {"_tab": name}

    def write(self, generator, form, word):
        field = generator.choice(["headline", "standfirst", "body", "body"])
        if field == "body":
            blocks = form["body"].split("</p>")
            blocks.insert(generator.randrange(len(blocks)), f"<p>{word}")
            form["body"] = "</p>".join(blocks)
        else:
            form[field] = f"{word} {form[field]}"[:190]

    def missing(self, sent):
        article = Article.objects.get(pk=self.article.pk)
        texts = [article.headline, article.standfirst, article.body]
        texts += Revision.objects.values_list("content", flat=True)
        texts += Autosave.objects.values_list("form_data", flat=True)
        return sent - set(re.findall(r"word\d\d", " ".join(texts)))


class RaceTests(TransactionTestCase):
    def test_one_of_two_concurrent_saves_gets_the_merge_page(self):
        article = make_draft(headline="Before")
        url = reverse("admin:articles_article_change", args=[article.pk])
        barrier, statuses = Barrier(2), []

        def save(editor, headline):
            client = Client()
            client.force_login(editor)
            form = form_data(article, headline=headline)
            barrier.wait()
            try:
                statuses.append(client.post(url, form).status_code)
            finally:
                connection.close()

        threads = [Thread(target=save, args=(make_editor(), name)) for name in ("One", "Other")]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(sorted(statuses), [302, 409])
        article.refresh_from_db()
        autosaved = Autosave.objects.get()
        self.assertEqual({article.headline, "One" if "One" in autosaved.form_data else "Other"}, {"One", "Other"})
        self.assertEqual(article.revision_number, 1)

    def test_concurrent_first_autosaves_create_one_article(self):
        editor = make_editor()
        key = "11111111-2222-4333-8444-555555555555"
        barrier, statuses = Barrier(2), []

        def begin():
            client = Client()
            client.force_login(editor)
            form = form_data(key=key) | {"_tab": "one", "_sequence": 1}
            barrier.wait()
            try:
                statuses.append(client.post(reverse("admin:articles_article_begin"), form).status_code)
            finally:
                connection.close()

        threads = [Thread(target=begin) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        self.assertEqual(statuses, [200, 200])
        self.assertEqual((Article.objects.count(), Autosave.objects.count()), (1, 1))

    def test_autosave_of_a_deleted_draft_answers_404(self):
        article = make_draft()
        self.client.force_login(make_editor())

        def delete_article(form):
            article.delete()
            return form.urlencode()

        url = reverse("admin:articles_article_autosave", args=[article.pk])
        with mock.patch.object(autosave, "serialise", delete_article):
            self.assertEqual(self.client.post(url, form_data(article)).status_code, 404)
