"""Import the export of a real site, which is beside the checkout, and compare every article with its source."""

import gzip
import html
import json
import re
from collections import Counter
from datetime import UTC, datetime

from django.test import TestCase, tag
from django.utils.text import slugify

from articles.models import Article, Version
from tests.budget import takes_longer
from tests.contrib.importers.running import import_site
from tests.contrib.importers.visible_text import count_words, visible_text
from truthlytics.contrib.importers.models import ImportedObject, ImportRun
from truthlytics.env import BASE_DIR

EXPORT = BASE_DIR.parent / "shared" / "data" / "exports" / "longform" / "18f.gsa.gov.jsonl.gz"
# Words by slug that `visible_text` misses: emphasis that contains an asterisk.
MISCOUNTED = {"onet-today-and-beyond": Counter(onet=3)}
# Placeholders that an import adds.
# Readers do not get the caption of a missing image; it is in the note for the newsroom.
CAPTION = re.compile(r"<em>image not included[^<]*?Caption: (.*?)</em>", re.DOTALL)
PLACEHOLDER = re.compile(r"<em>(image not included.*?)</em>", re.DOTALL)


def footnote_text(version):
    return " ".join(re.sub(r"<[^>]+>", "", note) for note in re.findall(r"<li[^>]*>(.*?) <a", version.free_notes))


@tag("collected", "sqlite")
class RealExportTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        with gzip.open(EXPORT, "rt", encoding="utf-8") as file:
            cls.source = [json.loads(line) for line in file]
        cls.status, cls.out = import_site("jsonl", EXPORT, section="archive")
        objects = ImportedObject.objects.select_related("article__live")
        cls.articles = {imported.source_id: imported.article for imported in objects}

    def pairs(self):
        for record in self.source:
            yield record, self.articles[record["old_url"]]

    def test_every_article_is_published_and_missing_images_are_reported(self):
        self.assertEqual(len(self.articles), len(self.source))
        self.assertEqual(Article.objects.published().count(), len(self.source))
        self.assertEqual(self.status, 2)
        self.assertIn("Images not included: ", self.out)

    @takes_longer("A whole site is imported or exported.")
    def test_no_words_are_lost_or_added(self):
        lost, added, total = {}, {}, 0
        for record, article in self.pairs():
            source = count_words(visible_text(record["body_markdown"]))
            stored = count_words(
                article.live.plain_all.replace("{ ", "{") + " " + html.unescape(footnote_text(article.live))
            )
            total += source.total()
            noted = count_words(html.unescape(" ".join(CAPTION.findall(article.body))))
            if missing := source - stored - noted - MISCOUNTED.get(article.slug, Counter()):
                lost[article.slug] = dict(missing)
            explained = count_words(html.unescape(" ".join(PLACEHOLDER.findall(article.live.free_html))))
            # Titles of embedded pages, names in removed tags and URLs in footnotes are invisible in the source.
            if extra := stored - source - explained - count_words(html.unescape(record["body_markdown"])):
                added[article.slug] = dict(extra)
        self.assertGreater(total, 500_000)
        self.assertEqual(lost, {})
        self.assertEqual(added, {})

    def test_titles_bylines_topics_and_dates_match_the_source(self):
        versions = {version.article_id: version for version in Version.objects.all()}
        for record, article in self.pairs():
            head = versions[article.pk].head
            title = re.sub(r"<[^>]+>", "", html.unescape(record["title"])).split()
            date = datetime.fromisoformat(record["published_at"])
            date = date if date.tzinfo else date.replace(tzinfo=UTC)
            with self.subTest(article.slug):
                self.assertEqual(article.live.headline.split(), title)
                self.assertEqual([byline["name"] for byline in head["bylines"]], record["authors"])
                topics = {slugify(topic) for topic in record["topics"]}
                self.assertEqual({topic["slug"] for topic in head["topics"]}, topics)
                self.assertEqual(article.published_at, date.replace(microsecond=0))
                self.assertEqual(article.section.slug, "archive")

    def test_no_template_tags_or_scripts_are_stored(self):
        for version in Version.objects.select_related("article"):
            texts = [getattr(version, name) for name in STORED] + [version.article.body, json.dumps(version.head)]
            for text in texts:
                for opening in ("{{", "{%", "<script"):
                    self.assertNotIn(opening, text.lower(), version.article.slug)

    def test_duplicate_slugs_get_a_date(self):
        slugs = Article.objects.filter(slug__startswith="andrew-hyder-award").values_list("slug", flat=True)
        self.assertEqual(len(slugs), 3)
        for slug in slugs:
            self.assertRegex(slug, r"^andrew-hyder-award(-\d{4}-\d\d-\d\d)?$")

    def test_old_urls_redirect_and_links_between_articles_are_updated(self):
        record, article = next(self.pairs())
        path = record["old_url"].removeprefix("https://18f.gsa.gov")
        for url in (path, path.rstrip("/")):
            self.assertRedirects(
                self.client.get(url), article.get_absolute_url(), status_code=301, fetch_redirect_response=False
            )
        linked = Article.objects.filter(body__contains='href="/articles/').count()
        self.assertGreater(linked, 200)

    @takes_longer("A whole site is imported or exported.")
    def test_a_second_run_changes_nothing(self):
        def state():
            rows = [model.objects.count() for model in (Article, Version, ImportedObject, ImportRun)]
            return rows, list(Article.objects.order_by("pk").values_list("pk", "updated_at"))

        before = state()
        _, out = import_site("jsonl", EXPORT, section="archive")
        self.assertEqual(state(), before)
        self.assertIn("508 unchanged", out)


STORED = ("free_html", "free_notes", "paid_html", "plain_all", "plain_free", "headline", "standfirst", "content")
