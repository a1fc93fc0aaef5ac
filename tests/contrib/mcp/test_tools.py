"""What the tools answer, and that it is never more than any visitor may read."""

import json
from datetime import timedelta
from unittest import mock

from django.test import TestCase
from django.utils import timezone

from articles.search import SearchTimeout
from articles.services.publishing import withdraw
from articles.services.redaction import redact
from tests.contrib.mcp.client import connected
from tests.factories import (
    make_article,
    make_author,
    make_draft,
    make_editor,
    make_image,
    make_page,
    make_subscriber,
    make_user,
    make_version,
)
from truthlytics.contrib.api.models import Key, Scope
from truthlytics.contrib.mcp import tools

SITE = "http://localhost:8000"
SECRET = "zylophantine"
GATED = f"<p>The free text.</p><hr data-gate><h2>{SECRET} heading</h2><p>{SECRET} sentence.</p>"


class ToolTestCase(TestCase):
    def setUp(self):
        self.assistant = connected()


class SearchTests(ToolTestCase):
    def test_it_finds_articles(self):
        make_article(slug="the-harbour", headline="The harbour", body="<p>There are 41 berths & <b>more</b>.</p>")
        make_article(headline="The station")
        data = self.assistant.call("search", query="berths")
        (found,) = data["results"]
        self.assertEqual((found["slug"], found["url"]), ("the-harbour", f"{SITE}/articles/the-harbour/"))
        self.assertEqual((found["passage"], found["access"]), ("There are 41 berths & more.", "everybody"))
        self.assertEqual((data["page"], data["has_more"]), (1, False))
        self.assertEqual(self.assistant.call("read_article", article=found["url"])["headline"], "The harbour")

    def test_pages(self):
        for number in range(3):
            make_article(headline=f"Berth {number}")
        with mock.patch("articles.search.SIZE", 2), mock.patch.object(tools.search_index.find, "__kwdefaults__", {
            **tools.search_index.find.__kwdefaults__, "size": 2,
        }):  # fmt: skip
            first, second, third = (self.assistant.call("search", query="berth", page=page) for page in (1, 2, 3))
        self.assertEqual((len(first["results"]), first["has_more"]), (2, True))
        self.assertEqual((len(second["results"]), second["has_more"]), (1, False))
        self.assertEqual(third["results"], [])
        self.assertEqual(self.assistant.call("search", query="berth", page=25)["results"], [])

    def test_misspelt_and_slow_queries(self):
        make_article(headline="The harbour", body="<p>Berths.</p>")
        self.assertEqual(self.assistant.call("search", query="harbuor")["suggestion"], "harbour")
        with mock.patch("articles.search.find", side_effect=SearchTimeout):
            self.assertIn("rarer words", self.assistant.refusal("search", query="the"))


class ReadTests(ToolTestCase):
    def test_the_current_version_and_an_earlier_one(self):
        make_page(purpose="terms", slug="terms")
        article = make_article(slug="the-harbour", headline="The harbour", body="<p>41 berths.</p>")
        make_version(article, body="<p><b>14</b> berths.</p>", kind="correction", note="There are 14.")
        data = self.assistant.call("read_article", article="the-harbour")
        self.assertEqual((data["text"].strip(), data["version"], data["is_current"]), ("**14** berths.", 2, True))
        self.assertEqual(data["digest"], article.versions.get(number=2).digest)
        self.assertEqual([each["note"] for each in data["corrections"]], ["There are 14."])
        self.assertEqual(data["version_url"], f"{SITE}/articles/the-harbour/versions/2/")
        self.assertEqual(data["terms_url"], f"{SITE}/pages/terms/")
        old = self.assistant.call("read_version", article="the-harbour", number=1)
        self.assertEqual((old["text"].strip(), old["is_current"], old["corrections"]), ("41 berths.", False, []))

    def test_the_text_is_the_article_as_markdown(self):
        article = make_article(body="<p>41 berths.</p>")
        result = self.assistant.ask("tools/call", name="read_article", arguments={"article": article.slug})["result"]
        markdown = self.client.get(f"/articles/{article.slug}.md").content.decode()
        self.assertEqual(result["content"], [{"type": "text", "text": markdown}])

    def test_what_is_wrong_is_said(self):
        article = make_article()
        for name, arguments, words in (
            ("read_article", {"article": "no-such"}, "no article"),
            ("read_article", {"article": "https://other.example/articles/the-harbour/"}, "no article"),
            ("read_article", {}, "“article” is missing"),
            ("read_version", {"article": article.slug, "number": 2}, "The current one is version 1."),
            ("read_version", {"article": article.slug, "number": "1"}, "whole number from 1 to"),
            ("search", {"query": ""}, "1 to 200 characters"),
            ("search", {"query": "x", "sort": "newest"}, "There is no argument “sort”."),
            ("list_corrections", {"limit": 51}, "from 1 to 50"),
        ):
            self.assertIn(words, self.assistant.refusal(name, **arguments))


class CorrectionTests(ToolTestCase):
    def test_newest_first_with_withdrawals(self):
        article, other = make_article(headline="The harbour"), make_article(headline="The station")
        make_version(article, body="<p>14 berths.</p>", kind="correction", note="There are 14.")
        withdraw(item=other, note="It was invented.")
        data = self.assistant.call("list_corrections")
        self.assertEqual([each["note"] for each in data["corrections"]], ["It was invented.", "There are 14."])
        self.assertEqual([each["withdrawn"] is None for each in data["corrections"]], [False, True])
        self.assertIn("/history/1..2/", data["corrections"][1]["difference_url"])
        self.assertEqual(len(self.assistant.call("list_corrections", limit=1)["corrections"]), 1)


class LeakTests(ToolTestCase):
    """Each text is there for somebody else, and is in no answer."""

    def assert_nowhere(self, words, article, query):
        self.assertNotIn(words, self.assistant.everything(article, query))

    def test_gated_text(self):
        article = make_article(body=GATED, required_level=10)
        make_version(article, body=f"{GATED}<p>{SECRET} addition.</p>", kind="correction", note="More.")
        for query in ("free text", SECRET, f"free {SECRET}", SECRET[:6]):
            self.assert_nowhere(f"{SECRET} ", article, query)
        self.assertEqual(self.assistant.call("search", query=SECRET)["results"], [])
        data = self.assistant.call("read_article", article=article.slug)
        self.assertEqual((data["text"].strip(), data["is_complete"]), ("The free text.", False))

    def test_who_asks_decides_about_gated_text(self):
        article = make_article(body=GATED, required_level=10)
        for owner in ({"scopes": [Scope.ARTICLES]}, {"reader": make_subscriber()}):
            self.assistant.headers["Authorization"] = f"Bearer {Key.objects.issue(name='Assistant', **owner)[1]}"
            self.assertTrue(self.assistant.call("read_article", article=article.slug)["is_complete"])
            (found,) = self.assistant.call("search", query=SECRET)["results"]
            self.assertIn(f"{SECRET} sentence.", found["passage"])
        Key.objects.update(revoked_at=timezone.now())
        self.assertEqual(self.assistant.post({"jsonrpc": "2.0", "id": 1, "method": "tools/list"}).status_code, 401)

    def test_what_is_gated_now_is_gated_in_earlier_versions(self):
        article = make_article(body=GATED.replace("<hr data-gate>", ""))
        make_version(article, body=GATED, required_level=10)
        self.assert_nowhere(SECRET, article, "free text")

    def test_drafts_and_scheduled_articles(self):
        later = timezone.now() + timedelta(days=1)
        for article in (make_draft(headline=SECRET), make_article(headline=SECRET, at=later)):
            answer = self.assistant.everything(article, SECRET)
            self.assertNotIn(f'"headline": "{SECRET}"', answer)
            self.assertIn("no article", self.assistant.refusal("read_article", article=article.slug))
            self.assertEqual(self.assistant.call("search", query=SECRET)["results"], [])

    def test_scheduled_versions(self):
        article = make_article(body="<p>The harbour.</p>")
        make_version(article, body=f"<p>{SECRET}</p>", at=timezone.now() + timedelta(days=1))
        self.assert_nowhere(SECRET, article, "harbour")
        self.assertIn("no version 2", self.assistant.refusal("read_version", article=article.slug, number=2))

    def test_withdrawn_articles(self):
        article = make_article(body=f"<p>{SECRET}</p>")
        withdraw(item=article, note="It was invented.")
        self.assert_nowhere(SECRET, article, "harbour")
        self.assertIn("It was invented.", self.assistant.refusal("read_article", article=article.slug))

    def test_texts_that_were_removed(self):
        article = make_article(headline=f"{SECRET} heading", body=f"<p>{SECRET}</p>")
        make_version(article, headline="The harbour", body="<p>The harbour.</p>")
        redact(item=article, version=article.versions.get(number=1), reason="The name of a child.")
        self.assert_nowhere(SECRET, article, "harbour")
        data = self.assistant.call("read_version", article=article.slug, number=1)
        self.assertEqual((data["removed"], data["text"].strip()), ("The name of a child.", ""))

    def test_personal_data(self):
        editor, writer = make_editor(email="editor@secret.example"), make_user(email="writer@secret.example")
        image = make_image(caption="The quay")
        article = make_article(
            headline="The harbour", authors=[make_author(user=writer)], body=f'<figure data-image="{image.uuid}">'
            "<figcaption></figcaption></figure><p>Berths.</p>",
        )  # fmt: skip
        make_version(article, body="<p>14 berths.</p>", kind="correction", note="There are 14.", by=editor)
        self.assert_nowhere("secret.example", article, "harbour")

    def test_old_addresses_of_drafts_are_no_article(self):
        draft = make_draft()
        for address in (f"{SITE}/drafts/{'a' * 22}.{'b' * 43}/", f"{SITE}/articles/{draft.slug}/", f"{SITE}/admin/"):
            self.assertIn("no article", self.assistant.refusal("read_article", article=address))

    def test_quotations(self):
        make_article(body="<p>The council has voted for the new bridge by nine votes to five.</p>")
        data = self.assistant.call("check_quotation", quotation="voted for the new bridge by nine votes to five")
        self.assertEqual((data["result"], data["texts"][0]["first_version"]), ("current", 1))
        self.assertIn("at least 6 words", self.assistant.refusal("check_quotation", quotation="Too few words"))

    def test_words_of_an_article_stay_data(self):
        headline = '"}],"isError":true --- {{ 7 * 7 }}'
        article = make_article(headline=headline, body="<p>---</p>")
        self.assertEqual(self.assistant.call("read_article", article=article.slug)["headline"], headline)
        self.assertIn(json.dumps(headline)[1:-1], json.dumps(self.assistant.call("search", query="isError")))
