"""The table of contents and the share links of an article."""

from urllib.parse import quote

from django.conf import settings
from django.test import TestCase

from tests.factories import make_article, make_subscriber
from tests.html import page_of, text_of


class ContentsTests(TestCase):
    def contents(self, body, **fields):
        """The kind, target and text of each link."""
        page = page_of(self.client.get(make_article(body=body, **fields).get_absolute_url()))
        links = page.xpath("//nav[contains(@class, 'contents')]//a")
        return [(a.get("class", "").removeprefix("contents__"), a.get("href")[1:], text_of(a)) for a in links]

    def test_lists_headings_of_two_levels_in_order(self):
        body = "<h2>One &amp; all</h2><p>x</p><h3>Within <em>one</em></h3><p>x</p><h2>Two</h2><p>x</p><h4>Deep</h4>"
        self.assertEqual(
            self.contents(body),
            [
                ("", "one-all", "One & all"),
                ("sub", "within-one", "Within one"),
                ("", "two", "Two"),
                ("", "comments", "Comments"),
            ],
        )

    def test_single_heading_makes_no_contents(self):
        self.assertEqual(self.contents("<h2>One</h2><p>x</p>"), [])

    def test_long_contents_link_back_to_the_top(self):
        body = "".join(f"<h{2 + number % 2}>Part {number}</h{2 + number % 2}><p>x</p>" for number in range(25))
        links = self.contents(body)
        self.assertEqual((len(links), links[-1]), (27, ("top", "main", "Back to top")))

    def test_gated_headings_are_listed_for_readers_with_access(self):
        body = "<h2>Free</h2><p>x</p><hr data-gate><h2>Hidden</h2><p>x</p><h3>Hidden too</h3>"
        self.assertEqual(self.contents(body, required_level=10), [])
        self.client.force_login(make_subscriber())
        self.assertEqual(
            [text for *_, text in self.contents(body, required_level=10)][:3], ["Free", "Hidden", "Hidden too"]
        )


class ShareTests(TestCase):
    def test_share_by_email_and_by_link(self):
        article = make_article(headline="Cuts & “costs” = 100 %?", slug="cuts")
        page = self.client.get(article.get_absolute_url())
        url = f"{settings.SITE_URL}/articles/cuts/"
        mail = "mailto:?subject=Cuts%20%26%20%E2%80%9Ccosts%E2%80%9D%20%3D%20100%20%25%3F&amp;body="
        self.assertContains(page, mail)
        self.assertContains(page, quote(url, safe=""))
        self.assertNotContains(page, f">{url}</a>")

    def test_script_only_buttons_are_hidden_without_script(self):
        page = page_of(self.client.get(make_article().get_absolute_url()))
        for name in ("share", "copy", "print"):
            self.assertEqual(len(page.xpath(f"//li[@hidden]/button[@type='button'][@data-{name}]")), 1)
