"""What the API answers to everybody."""

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.utils import timezone

from articles.access import Level
from articles.services.log_entries import add_due
from articles.services.publishing import withdraw
from articles.services.redaction import redact
from tests.contrib.api.base import ApiTestCase
from tests.factories import (
    BODY,
    make_article,
    make_author,
    make_dossier,
    make_draft,
    make_page,
    make_section,
    make_series,
    make_topic,
    make_user,
    make_version,
)

API = "/api/v1"
LIST = f"{API}/articles"


class ListTests(ApiTestCase):
    def test_pages_follow_each_other_and_end(self):
        made = [make_article(at=timezone.now() - timedelta(hours=number)) for number in range(5)]
        url, seen = f"{LIST}?limit=2", []
        while url:
            answer = self.ask(url.removeprefix(settings.SITE_URL))
            self.assertLessEqual(len(answer["items"]), 2)
            seen += [item["slug"] for item in answer["items"]]
            url = answer["next"]
        self.assertEqual(seen, [article.slug for article in made])

    def test_what_an_item_says(self):
        section, topic, author = make_section(), make_topic(), make_author()
        article = make_article(section=section, topics=[topic], authors=[author], required_level=Level.SUBSCRIBER)
        (item,) = self.items(LIST)
        self.assertEqual(item["id"], str(article.uuid))
        self.assertEqual(item["section"], {"name": section.name, "slug": section.slug})
        self.assertEqual(item["topics"], [{"name": topic.name, "slug": topic.slug}])
        self.assertEqual(item["authors"], [{"name": author.name, "slug": author.slug}])
        self.assertEqual((item["access"], item["digest"]), ("subscriber", article.live.digest))
        self.assertEqual(self.ask(item["api_url"].removeprefix(settings.SITE_URL))["headline"], article.headline)

    def test_filters(self):
        section, topic, author, series = make_section(), make_topic(), make_author(), make_series()
        make_article()
        found = make_article(section=section, topics=[topic], authors=[author], series=series, series_part=1)
        for name, place in (("section", section), ("topic", topic), ("author", author), ("series", series)):
            with self.subTest(name):
                (item,) = self.items(f"{LIST}?{name}={place.slug}")
                self.assertEqual(item["id"], str(found.uuid))
                self.ask(f"{LIST}?{name}=nothing", 400)
        self.ask(f"{LIST}?section={section.slug}&topic={topic.slug}", 400)

    def test_fields(self):
        make_article(headline="The harbour")
        self.assertEqual(self.items(f"{LIST}?fields=headline"), [{"headline": "The harbour"}])
        self.assertIn("fields", self.ask(f"{LIST}?fields=headline,body", 400)["detail"])

    def test_wrong_parameters_are_named(self):
        for query in (
            "limit=0",
            "limit=101",
            "limit=x",
            "limit=²",
            "after=%00",
            "after=abc!",
            "what=1",
            "limit=1&limit=2",
        ):
            with self.subTest(query):
                detail = self.ask(f"{LIST}?{query}", 400)["detail"]
                self.assertIn(f"“{query.split('=')[0]}”", detail)
        self.ask(f"{LIST}?after=zzzz", 400)

    def test_a_list_asks_for_as_much_with_many_articles(self):
        for _ in range(3):
            make_article()
        with self.assertNumQueries(2):
            self.ask(f"{LIST}?limit=2")


class ArticleTests(ApiTestCase):
    def test_one_by_slug_and_by_id(self):
        article = make_article(body="<p>14 berths.</p>")
        for key in (article.slug, article.uuid):
            answer = self.ask(f"{LIST}/{key}")
            self.assertEqual((answer["version"], answer["is_complete"]), (1, True))
            self.assertIn("14 berths", answer["html"])
        for key in ("nothing", uuid4()):
            self.ask(f"{LIST}/{key}", 404)

    def test_versions_what_changed_corrections_and_sources(self):
        cited = '<p>There are 12. <a href="https://example.org/berths" data-source="">A source</a></p>'
        article = make_article(body=cited)
        make_version(article, body=cited.replace("12", "14"), kind="correction", note="There are 14.", by=make_user())
        url = f"{LIST}/{article.slug}"
        self.assertEqual([row["version"] for row in self.items(f"{url}/versions")], [1, 2])
        self.assertIn("12", self.ask(f"{url}/versions/1")["html"])
        words = [each for part in self.ask(f"{url}/differences/1..2")["parts"] for each in part["words"]]
        changed = {(each["op"], each["text"].strip()) for each in words if each["op"] != "="}
        self.assertEqual(changed, {("-", "12"), ("+", "14")})
        self.assertEqual([row["note"] for row in self.items(f"{url}/corrections")], ["There are 14."])
        self.assertEqual([row["url"] for row in self.items(f"{url}/sources")], ["https://example.org/berths"])
        (logged,) = self.items(f"{API}/corrections")
        self.assertEqual(logged["note"], "There are 14.")
        for path in ("versions/3", "differences/2..1", "differences/1..3", "differences/1..1"):
            self.ask(f"{url}/{path}", 404)

    def test_drafts_scheduled_withdrawn_and_removed_texts(self):
        draft, scheduled = make_draft(), make_article(at=timezone.now() + timedelta(hours=1))
        for article in (draft, scheduled):
            for path in ("", "/versions", "/versions/1", "/corrections", "/sources"):
                self.ask(f"{LIST}/{article.slug}{path}", 404)
        article = make_article(body="<p>A secret.</p>")
        make_version(article, body="<p>Nothing.</p>")
        redact(item=article, version=article.versions.get(number=1), reason="The law.")
        answer = self.ask(f"{LIST}/{article.slug}/versions/1")
        self.assertEqual((answer["removed"], "html" in answer), ("The law.", False))
        self.assertEqual(self.ask(f"{LIST}/{article.slug}/differences/1..2")["removed"], [1])
        withdraw(item=article, note="It was wrong.")
        for path in ("", "/versions", "/versions/1", "/differences/1..2", "/corrections", "/sources"):
            self.assertIn("It was wrong.", self.ask(f"{LIST}/{article.slug}{path}", 410)["detail"])
        self.assertEqual(self.items(LIST), [])

    def test_what_is_gated_is_in_no_answer_to_a_visitor(self):
        article = make_article(body=BODY, required_level=Level.SUBSCRIBER)
        make_version(article, body=BODY.replace("gated text", "gated words"))
        for path in ("", "/versions/1", "/differences/1..2", "/sources"):
            answer = str(self.ask(f"{LIST}/{article.slug}{path}"))
            self.assertNotIn("gated", answer.replace(article.slug, ""), path)
        self.assertFalse(self.ask(f"{LIST}/{article.slug}")["is_complete"])


class PublicationTests(ApiTestCase):
    def test_every_list_has_what_is_public(self):
        section = make_section(name="Ports")
        article = make_article(
            section=section, topics=[make_topic(name="Berths")], authors=[make_author(name="Ines")],
            series=make_series(name="Harbours"), series_part=1, headline="The harbour",
        )  # fmt: skip
        make_dossier(article, title="Quays", entries=[{"date": "2024", "text": "An event.", "article": article}])
        make_page(headline="About us")
        expected = {
            "sections": "Ports",
            "topics": "Berths",
            "authors": "Ines",
            "series": "Harbours",
            "dossiers": "Quays",
        }
        for name, title in {**expected, "pages": "About us"}.items():
            with self.subTest(name):
                (item,) = self.items(f"{API}/{name}")
                self.assertEqual(item["name"], title)
                self.assertEqual(self.client.get(item["url"].removeprefix(settings.SITE_URL)).status_code, 200)
                if name in {"dossiers", "pages"}:
                    self.assertEqual(self.ask(f"{API}/{name}/{item['slug']}")["title"], title)
                    self.ask(f"{API}/{name}/nothing", 404)
        front = self.ask(f"{API}/front-page")
        self.assertEqual(front["lead"]["headline"], "The harbour")
        self.assertEqual(self.ask(f"{API}/publication")["url"], f"{settings.SITE_URL}/")

    def test_search(self):
        make_article(headline="The harbour", body="<p>Fourteen berths are free.</p>")
        (hit,) = self.items(f"{API}/search?q=berths")
        self.assertEqual((hit["headline"], hit["passage"]), ("The harbour", "Fourteen berths are free."))
        self.assertEqual(self.items(f"{API}/search?q=lighthouse"), [])
        for query in ("", "?q=", f"?q={'x' * 201}", "?q=a&sort=worst"):
            self.ask(f"{API}/search{query}", 400)


class ChangesTests(ApiTestCase):
    def copied(self, since=""):
        """Return what a program that asks again and again gets, and the number of the last change."""
        seen, url = [], f"{API}/changes?limit=2" + (f"&since={since}" if since else "")
        while url:
            answer = self.ask(url.removeprefix(settings.SITE_URL))
            seen += answer["items"]
            url = answer["next"]
        return seen

    def test_everything_once_in_its_order(self):
        article = make_article(body="<p>12 berths.</p>")
        later = make_article(at=timezone.now() + timedelta(hours=1))
        add_due(timezone.now())
        first = self.copied()
        self.assertEqual([(row["what"], row["id"]) for row in first], [("version", str(article.uuid))])
        self.assertEqual(first[0]["article"]["headline"], article.headline)
        make_version(article, body="<p>14 berths.</p>", kind="correction", note="There are 14.", by=make_user())
        withdraw(item=article, note="It was wrong.")
        add_due(timezone.now())
        more = self.copied(first[-1]["number"])
        self.assertEqual({row["what"] for row in more}, {"version", "correction", "withdrawal"})
        self.assertEqual([row["article"] for row in more], [None] * len(more))
        self.assertEqual(self.copied(more[-1]["number"]), [])
        self.assertNotIn(str(later.uuid), str(self.copied()))

    def test_a_number_of_another_log(self):
        make_article()
        add_due(timezone.now())
        for since in ("2-0", "1-999"):
            self.assertIn("Begin again", self.ask(f"{API}/changes?since={since}", 400)["detail"])
        for since in ("x", "1", "-1", "1-", "²-1"):
            self.ask(f"{API}/changes?since={since}", 400)


class HttpTests(ApiTestCase):
    def test_nothing_can_be_written(self):
        for method in ("post", "put", "patch", "delete"):
            response = getattr(self.client, method)(LIST)
            self.assertEqual((response.status_code, response.headers["Allow"]), (405, "GET, HEAD"))

    def test_caches_and_browsers(self):
        make_article()
        response = self.client.get(LIST)
        self.assertEqual(response.headers["Cache-Control"], "public, max-age=0, must-revalidate")
        self.assertEqual(response.headers["Access-Control-Allow-Origin"], "*")
        self.assertIn("Authorization", response.headers["Vary"])
        again = self.client.get(LIST, headers={"If-None-Match": response.headers["ETag"]})
        self.assertEqual((again.status_code, again.content), (304, b""))

    def test_cookies_count_for_nothing(self):
        article = make_article(body=BODY, required_level=Level.REGISTERED)
        self.client.force_login(make_user())
        self.assertFalse(self.ask(f"{LIST}/{article.slug}")["is_complete"])

    def test_unknown_addresses_are_problems_too(self):
        for path in ("nothing", "v1/", "v2/articles", "v1/articles/", "v1/articles/a/b"):
            response = self.client.get(f"/api/{path}")
            self.assertEqual(response.status_code, 404)
            self.assertEqual(response.headers["Content-Type"], "application/problem+json")
