"""Articles embedded in other sites by oEmbed."""

from urllib.parse import quote

from django.test import TestCase

from articles.access import Level
from tests.factories import BODY, make_article, make_draft

SITE = "http://localhost:8000"


class OembedTests(TestCase):
    def ask(self, url, **parameters):
        return self.client.get("/oembed/", {"url": url, **parameters})

    def test_the_page_leads_to_its_card(self):
        article = make_article(headline="Cranes & <berths>", body=BODY, required_level=Level.SUBSCRIBER)
        url = f"{SITE}{article.get_absolute_url()}"
        self.assertContains(self.client.get(article.get_absolute_url()), f'href="/oembed/?url={quote(url, safe="")}"')
        response = self.ask(url)
        card = response.json()
        self.assertEqual((card["version"], card["type"], card["title"]), ("1.0", "rich", "Cranes & <berths>"))
        self.assertIn("Cranes &amp; &lt;berths&gt;</a>", card["html"])
        self.assertNotIn("gated text", response.content.decode())

    def test_label_about_ai_goes_with_headline_and_standfirst(self):
        label = "This text was written with AI, without a review by an editor."
        card = self.ask(f"{SITE}{make_article(ai_uses=['draft']).get_absolute_url()}").json()
        self.assertEqual(card["ai_labels"], [label])
        self.assertIn(label, card["html"])

    def test_the_width_that_a_site_has(self):
        url = f"{SITE}{make_article().get_absolute_url()}"
        widths = [
            self.ask(url, maxwidth=width).json()["width"] for width in ("400", "9000", "1", "-5", "x", "9" * 5000)
        ]
        self.assertEqual(widths, [400, 600, 200, 600, 600, 600])

    def test_what_is_not_ours_or_not_public(self):
        slug = make_draft().slug
        for url in ("", "x", "http://[", f"https://other.example/articles/{make_article().slug}/", f"{SITE}/search/",
                    f"{SITE}/articles/{slug}/"):  # fmt: skip
            self.assertEqual(self.ask(url).status_code, 404, url)
        self.assertEqual(self.ask(f"{SITE}/", format="xml").status_code, 400)
