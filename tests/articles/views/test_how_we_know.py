"""The box “How we know”: in the editor, on the page, in the history and in structured data."""

import json

from django.test import TestCase
from lxml.html import document_fromstring

from articles.models import Article
from articles.services.change_kinds import proposed_kind
from articles.services.publishing import NotReadyError, publish
from articles.services.revisions import current_fields
from tests.articles.admin.editor import EditorTestCase
from tests.factories import make_article, make_editor, make_version
from tests.html import text_of
from tests.schemas import vocabulary_errors

ANSWERS = {
    "why_written": "Nobody had counted.",
    "how_known": "We read the register.",
    "not_known": "Who owns the rest.",
    "interests": "None of us owns shares.",
    "ai_use": "None.",
}
LABELS = ("Why we wrote this", "How we know this", "What we don’t know", "Interests and funding", "Use of AI")
GATED = "<p>Free.</p><hr data-gate><p>Gated.</p>"


class ArticlePageTests(TestCase):
    def text(self, article, path=""):
        return self.client.get(f"{article.get_absolute_url()}{path}").content.decode()

    def structured_data(self, article):
        return json.loads(self.text(article).split('<script type="application/ld+json">')[1].split("</script>")[0])

    def test_answers_are_at_the_end(self):
        html = self.text(make_article(**ANSWERS))
        box = html[html.index('class="how-we-know"') :]
        for text in (*ANSWERS.values(), *LABELS):
            self.assertIn(text, box)

    def test_only_what_was_answered_is_shown(self):
        html = self.text(make_article(not_known="Who owns the rest.", ai_uses=[]))
        self.assertEqual([label for label in LABELS if label in html], ["What we don’t know"])
        self.assertNotIn("how-we-know", self.text(make_article()))

    def test_readers_without_access_see_it(self):
        self.assertIn(ANSWERS["ai_use"], self.text(make_article(body=GATED, required_level=10, **ANSWERS)))

    def test_markup_is_escaped(self):
        self.assertIn("&lt;b&gt;", self.text(make_article(how_known="<b>bold</b>")))

    def test_drafts_stay_unpublished(self):
        article = make_article()
        Article.objects.update(**ANSWERS)
        self.assertNotIn("Nobody had counted", self.text(article))

    def test_backstory_is_why_and_how(self):
        data = self.structured_data(make_article(**ANSWERS))
        self.assertEqual(data["backstory"], "Nobody had counted. We read the register.")
        self.assertEqual(vocabulary_errors([data]), [])
        self.assertNotIn("backstory", self.structured_data(make_article(ai_use="None.")))

    def test_changes_are_named_in_the_history(self):
        article = make_article(**ANSWERS)
        make_version(article, not_known="Who owns all the rest.", interests="")
        html = self.text(article, "history/1..2/")
        for label in ("What we don’t know", "Interests and funding"):
            self.assertIn(f'<p class="comparison__label">{label}</p>', html)
        self.assertIn("inserted: all", text_of(document_fromstring(html)))
        self.assertNotIn("Use of AI", html)
        self.assertIn("1 word added", self.text(article, "history/"))
        self.assertIn("None of us owns shares.", self.text(article, "versions/1/"))

    def test_changing_it_is_a_change_of_words(self):
        article = make_article(ai_use="None.")
        article.ai_use = "A model drafted 2 paragraphs."
        article.save()
        self.assertIsNotNone(proposed_kind(article))
        with self.assertRaisesMessage(NotReadyError, "Choose what kind of change it is."):
            publish(item=article, by=make_editor())

    def test_content_without_answers_stays_as_it_was(self):
        self.assertNotIn("how_we_know", make_article().live.content)
        content = json.loads(make_article(**ANSWERS).live.content)
        self.assertEqual(content["how_we_know"], ANSWERS)

    def test_placeholder_keeps_it_from_being_published(self):
        with self.assertRaisesMessage(NotReadyError, "“TK” is still in “How we know this”."):
            make_article(how_known="TK")


class EditorTests(EditorTestCase):
    def test_answers_are_saved_and_kept_in_revisions(self):
        article = make_article()
        self.save(article, **ANSWERS)
        article.refresh_from_db()
        self.assertEqual({name: getattr(article, name) for name in ANSWERS}, ANSWERS)
        revision = json.loads(article.revisions.latest("number").content)
        self.assertEqual(revision["how_we_know"], ANSWERS)
        self.assertEqual({name: current_fields(article)[name] for name in ANSWERS}, ANSWERS)

    def test_group_is_open_if_it_has_answers(self):
        for article, is_open in [(make_article(ai_uses=[]), False), (make_article(ai_use="None."), True)]:
            html = self.client.get(self.url(article)).content.decode()
            group = html[: html.index('name="why_written"')].rpartition("<details")[2]
            with self.subTest(is_open=is_open):
                self.assertEqual(" open" in group.partition(">")[0], is_open)

    def test_long_answers_are_refused_with_the_text_kept(self):
        article = make_article()
        response = self.save(article, how_known="long " * 200)
        self.assertContains(response, "at most 600 characters")
        self.assertContains(response, "long long long")

    def test_concurrent_changes_of_two_answers_are_merged(self):
        article = make_article(**ANSWERS)
        self.save(article, **ANSWERS)
        article.refresh_from_db()
        seen = article.revision_number
        self.save(article, **ANSWERS | {"ai_use": "Some."})
        conflict = self.save(article, based_on=seen, **ANSWERS | {"interests": "One of us owns shares."})
        self.assertContains(conflict, "Use of AI", status_code=409)
