"""Deeply nested text is flattened on every path to the database, so that its pages can be opened."""

from django.test import SimpleTestCase

from articles.models import Article
from articles.richtext.nesting import MAX_DEPTH
from articles.richtext.short_text import clean_short_text
from articles.richtext.vocabulary import clean, parse
from articles.services.publishing import publish
from tests.articles.admin.editor import EditorTestCase, form_data
from tests.budget import takes_longer
from tests.factories import make_draft

NESTED = {
    "marks": "<p>" + "<strong>" * 1000 + "deep" + "</strong>" * 1000 + " end</p>",
    "alternating marks": "<p>" + "<em><s>" * 500 + "deep" + "</s></em>" * 500 + " end</p>",
    "lists": "<ul><li>" * 1000 + "deep" + "</li></ul>" * 1000 + "<p>end</p>",
    "quotations": "<blockquote>" * 1000 + "<p>deep</p>" + "</blockquote>" * 1000 + "<p>end</p>",
    "tables": "<table><tr><td>" * 1000 + "deep" + "</td></tr></table>" * 1000 + "<p>end</p>",
    "unknown elements": "<section><b>" * 1000 + "deep" + "</b></section>" * 1000 + "<p>end</p>",
    "never closed": "<blockquote><ul><li>" * 1000 + "deep end",
    # Parsing this without a limit takes minutes.
    "very deep": "<ul><li>" * 50_000 + "deep" + "</li></ul>" * 50_000 + "<p>end</p>",
}


def depth_of(body):
    deepest, level = 0, list(parse(body))
    while level:
        deepest, level = deepest + 1, [child for element in level for child in element]
    return deepest


class NestingTests(SimpleTestCase):
    @takes_longer("Large input shows how the time grows.")
    def test_depth_is_limited_and_the_text_kept(self):
        for name, body in NESTED.items():
            for sanitise in (clean, clean_short_text):
                with self.subTest(name, sanitise=sanitise.__name__):
                    cleaned = sanitise(body)
                    self.assertLessEqual(depth_of(cleaned), MAX_DEPTH)
                    self.assertEqual(sanitise(cleaned), cleaned)
                    if sanitise is clean or name != "tables":
                        self.assertEqual(" ".join(parse(cleaned).itertext()).split(), ["deep", "end"])

    def test_what_editors_write_is_unchanged(self):
        item = '<p>One <strong><em><a href="https://example.org/">link</a></em></strong></p>'
        body = f"<blockquote>{'<ul><li>' * 9}{item}{'</li></ul>' * 9}</blockquote>"
        self.assertEqual(clean(body), body)


class NestedArticleTests(EditorTestCase):
    @takes_longer("Large input shows how the time grows.")
    def test_pages_of_a_deeply_nested_article(self):
        draft = make_draft(headline="Nested")
        for name in ("alternating marks", "lists", "quotations"):
            with self.subTest(name):
                body = NESTED[name]
                data = form_data(draft, body=body, _tab="one", _sequence=1)
                self.assertEqual(self.client.post(self.url(draft, "autosave"), data).status_code, 200)
                self.assertEqual(self.client.get(self.url(draft)).status_code, 200)
                self.assertEqual(self.save(draft, body=body).status_code, 302)
                for path in (self.url(draft), self.url(draft, "history"), self.url(draft, "preview")):
                    self.assertEqual(self.client.get(path).status_code, 200)
                Article.objects.filter(pk=draft.pk).update(body=body)
                self.assertEqual(self.client.get(self.url(draft)).status_code, 200)
                draft.refresh_from_db()
                publish(item=draft, by=self.editor, kind="minor")
                self.assertContains(self.client.get(draft.get_absolute_url()), "deep")
