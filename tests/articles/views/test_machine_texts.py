"""Articles as JSON and Markdown: what programs get, and that it is never more than the reader may read."""

import json

import yaml
from django.test import TestCase

from articles.access import Level
from articles.services.publishing import withdraw
from articles.services.redaction import redact
from tests.factories import (
    BODY,
    make_article,
    make_draft,
    make_lapsed_reader,
    make_subscription,
    make_user,
    make_version,
)

GATED = "The gated text of the article."


class MachineTextTestCase(TestCase):
    def both(self, article, version=""):
        """Return the JSON and the Markdown of an article, or of one of its versions."""
        base = f"/articles/{article.slug}{version}"
        answers = [self.client.get(f"{base}.{kind}") for kind in ("json", "md")]
        return [answer.content.decode() for answer in answers]

    def front(self, markdown):
        return yaml.safe_load(markdown.split("---\n")[1])


class AccessTests(MachineTextTestCase):
    def test_gated_words_only_for_those_who_may_read_them(self):
        article = make_article(body=BODY, required_level=Level.SUBSCRIBER)
        for reader in (None, make_user(), make_lapsed_reader()):
            self.client.logout()
            if reader is not None:
                self.client.force_login(reader)
            for text in self.both(article):
                self.assertIn("The free text", text)
                self.assertNotIn("gated text", text)
        self.client.force_login(make_subscription().user)
        for text in self.both(article):
            self.assertIn(GATED, text)

    def test_what_a_subscriber_got_is_never_what_a_visitor_gets(self):
        article = make_article(body=BODY, required_level=Level.SUBSCRIBER)
        self.client.force_login(make_subscription().user)
        self.assertIn(GATED, "".join(self.both(article)))
        self.client.logout()
        self.assertNotIn(GATED, "".join(self.both(article)))

    def test_what_is_gated_now_is_gated_in_older_versions_too(self):
        article = make_article(body=f"<p>The free text of the article.</p><p>{GATED}</p>")
        make_version(article, body=BODY, required_level=Level.SUBSCRIBER)
        for text in self.both(article, "/versions/1"):
            self.assertIn("The free text", text)
            self.assertNotIn("gated text", text)

    def test_drafts_withdrawn_and_removed_texts(self):
        self.assertEqual(self.client.get(f"/articles/{make_draft().slug}.json").status_code, 404)
        article = make_article(body="<p>A name that goes.</p>")
        make_version(article, body="<p>Without it.</p>")
        redact(item=article, version=article.versions.get(number=1), reason="The name of a child.")
        data, markdown = self.both(article, "/versions/1")
        self.assertEqual(json.loads(data)["removed"], "The name of a child.")
        self.assertNotIn("A name", data + markdown)
        self.assertEqual(self.client.get(f"/articles/{article.slug}/versions/9.json").status_code, 404)
        withdraw(item=article, note="Wrong.")
        for kind in ("json", "md"):
            self.assertEqual(self.client.get(f"/articles/{article.slug}.{kind}").status_code, 410)


class ContentTests(MachineTextTestCase):
    def test_the_facts(self):
        article = make_article(headline="The harbour", body="<p>41 berths.</p>")
        make_version(article, body="<p>14 berths.</p>", kind="correction", note="There are 14.")
        data, markdown = self.both(article)
        facts = json.loads(data)
        version = article.versions.get(number=2)
        self.assertEqual(facts["digest"], version.digest)
        self.assertEqual((facts["version"], facts["is_current"], facts["is_complete"]), (2, True, True))
        url = f"http://localhost:8000{article.get_absolute_url()}"
        self.assertEqual(facts["url"], url)
        self.assertEqual(self.client.get(f"/articles/{article.slug}.md").headers["Link"], f'<{url}>; rel="canonical"')
        self.assertEqual([each["note"] for each in facts["corrections"]], ["There are 14."])
        self.assertIn("<p>14 berths.</p>", facts["html"])
        self.assertEqual(self.front(markdown)["digest"], version.digest)
        self.assertTrue(markdown.endswith("\n14 berths.\n"))
        old = json.loads(self.both(article, "/versions/1")[0])
        self.assertEqual((old["is_current"], old["corrections"]), (False, []))

    def test_hostile_words_stay_values(self):
        headline = '--- "quoted": yes, title: other'
        article = make_article(headline=headline, standfirst="a: b\n---\nc", body="<p>---</p><p># No heading</p>")
        data, markdown = self.both(article)
        self.assertEqual(json.loads(data)["headline"], article.headline)
        self.assertEqual(self.front(markdown)["headline"], article.headline)
        self.assertIn("\\# No heading", markdown)

    def test_pages_link_to_both_and_never_negotiate(self):
        article = make_article()
        page = self.client.get(article.get_absolute_url(), headers={"accept": "text/markdown"})
        self.assertEqual(page.headers["Content-Type"], "text/html; charset=utf-8")
        for kind, end in (("text/markdown", "md"), ("application/json", "json")):
            self.assertContains(page, f'<link rel="alternate" type="{kind}" href="/articles/{article.slug}.{end}">')
        self.assertNotIn("Accept", page.headers.get("Vary", ""))
