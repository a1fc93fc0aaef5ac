"""Readers without access never receive gated text, at any URL. Fails for URLs it doesn't know."""

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.test import TestCase, tag
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from articles.media.renditions import create_first_renditions
from tests.budget import takes_longer
from tests.factories import (
    make_article,
    make_author,
    make_comment,
    make_dossier,
    make_image,
    make_lapsed_reader,
    make_page,
    make_price,
    make_recording,
    make_section,
    make_series,
    make_subscriber,
    make_topic,
    make_user,
    make_version,
)
from truthlytics.web.text import split_words

SECRET = "zylophantine"
BODY = (
    "<p>The free text.<sup data-footnote='A free note.'></sup></p><hr data-gate>"
    f"<h2>{SECRET} heading</h2><p>{SECRET} sentence.<sup data-footnote='{SECRET} note'></sup></p>"
    f"<p><a href='https://example.org/{SECRET}' data-source=''>{SECRET} source</a></p>"
    f"<aside class='pullquote' data-by='{SECRET} speaker'>{SECRET} quote</aside>"
    f"<table><tr><th>{SECRET} cell</th></tr></table>"
    f"<figure data-image='%s'><figcaption>{SECRET} caption</figcaption></figure>"
)

# Every URL name of the site with its arguments. Add new ones, so that they are tested.
SLUG = {"slug": "gated-article"}
INVALID_TOKEN = {"token": f"{'a' * 22}.{'b' * 43}"}
URLS = {
    "articles:front": {}, "articles:latest": {}, "articles:article": SLUG, "articles:section": {"slug": "a-section"},
    "articles:topic": {"slug": "a-topic"}, "articles:author": {"slug": "an-author"}, "articles:rss": {},
    "articles:search": {}, "articles:series": {"slug": "a-series"}, "articles:archive": {},
    "articles:audio": SLUG | {"extension": "wav"},
    **{
        f"articles:{kind}_{name}": {"slug": slug} | numbers
        for kind, slug in (("article", "gated-article"), ("dossier", "a-dossier"), ("page", "a-page"))
        for name, numbers in (("history", {}), ("comparison", {"old": 1, "new": 2}), ("version", {"number": 1}))
    },
    "articles:month": {"year": timezone.localdate().year, "number": timezone.localdate().month},
    "articles:dossier": {"slug": "a-dossier"}, "articles:page": {"slug": "a-page"},
    "articles:sitemap": {}, "articles:media": {"sha256": "0" * 64, "extension": "jpg"},
    "articles:feed": {"file": "atom.xml"}, "articles:section_feed": {"slug": "a-section", "file": "atom.xml"},
    "articles:topic_feed": {"slug": "a-topic", "file": "atom.xml"},
    "articles:author_feed": {"slug": "an-author", "file": "atom.xml"}, "articles:sitemap_news": {},
    "articles:sitemap_pages": {}, "articles:sitemap_part": {"name": "articles", "number": 1},
    # Drafts need a share link; an invalid one shows nothing.
    "articles:draft": INVALID_TOKEN, "articles:draft_remarks": INVALID_TOKEN,
    "articles:document": {"sha256": "0" * 64, "extension": "pdf"},
    "articles:report_error": SLUG, "articles:error_reported": SLUG,
    "articles:save": SLUG, "articles:unsave": SLUG, "articles:saved": {}, "articles:gift_link": SLUG,
    "articles:gift_links": {}, "articles:topic_list": {},
    "articles:author_list": {}, "articles:series_list": {}, "articles:dossier_list": {},
    "articles:corrections": {}, "articles:corrections_feed": {"file": "atom.xml"}, "articles:record": {},
    "articles:record_part": {"year": timezone.localdate().year, "month": timezone.localdate().month, "part": 1},
    "articles:article_json": SLUG, "articles:article_markdown": SLUG, "articles:oembed": {},
    "articles:article_version_json": {**SLUG, "number": 1}, "articles:article_version_markdown": {**SLUG, "number": 1},
    "articles:article_verification": {**SLUG, "number": 1}, "articles:article_evidence": {**SLUG, "number": 1},
    "articles:dossier_verification": {"slug": "a-dossier"}, "articles:dossier_evidence": {"slug": "a-dossier"},
    "articles:page_verification": {"slug": "a-page"}, "articles:page_evidence": {"slug": "a-page"},
    "robots": {}, "contact": {}, "contact_sent": {}, "favicon": {},
    "web_manifest": {}, "security_txt": {}, "license": {}, "trust": {}, "well_known_trust": {},
    "publication_file": {"name": f"{'0' * 32}-1x1.png"}, "publication_icon": {"digest": "0", "size": 32},
    "publication_card": {"digest": "0"}, "theme": {"digest": "0"}, "newsroom_setup": {},
    "this_browser": {"token": "x"},
}  # fmt: skip
# Those of features that are on.
OF_FEATURES: dict[str, dict[str, dict[str, Any]]] = {
    "mcp": {"mcp": {}},
    "quotations": {"check_quotation": {}},
    "api": {
        **{
            f"api:{name}": {}
            for name in split_words(
                "documentation openapi publication front_page articles changes sections topics authors series dossiers "
                "pages corrections newsletters search readers payments comments statistics"
            )
        },
        **{
            f"api:{name}": {"article": "gated-article", **numbers}
            for name, numbers in (
                ("article", {}), ("versions", {}), ("version", {"number": 1}), ("difference", {"old": 1, "new": 2}),
                ("article_corrections", {}), ("sources", {}),
            )
        },
        "api:dossier": {"slug": "a-dossier"}, "api:page": {"slug": "a-page"}, "api:reader": {"reader": 1},
        "api:unknown": {"path": "nothing"},
    },
}  # fmt: skip
for feature in settings.FEATURES:
    URLS |= OF_FEATURES.get(feature, {})
if {"api", "quotations"} <= {*settings.FEATURES}:
    URLS["api:quotation"] = {}
# Prefixes of URL names that show no articles. Those without arguments are requested below.
PREFIXES = split_words(
    "admin: account_ mfa_ provider_ openid_connect_ usersessions_ subscriptions: comments: privacy: styles demo: "
    "correction_notices: statistics_emails: newsletters: newsletter_ transparency: anymail: keys:"
)

# The page on which readers verify the current version, and what their browsers get for it.
VERIFIED = ("verify/", "evidence.json", "versions/2/evidence.json")
HEADERS = [
    {"User-Agent": "Googlebot/2.1 (+http://www.google.com/bot.html)"},
    {"User-Agent": "facebookexternalhit/1.1"},
    {"User-Agent": "Twitterbot/1.0"},
    {"Referer": "https://www.google.com/"},
    {"X-Forwarded-For": "127.0.0.1"},
    {"X-Forwarded-For": "66.249.66.1"},
    {"Accept": "application/json"},
    {"Accept": "text/markdown"},
    {"Accept": "application/activity+json"},
    {"X-Requested-With": "XMLHttpRequest"},
    {"HX-Request": "true"},
    {"Range": "bytes=0-100000"},
    {"Cookie": "sessionid=forged"},
    {"Cookie": "cart=forged"},
    {"Authorization": "Basic YWRtaW46YWRtaW4="},
]
QUERIES = split_words(
    "amp=1 print=1 format=json format=txt preview=1 version=1 draft=1 gift=x read=1 full=1 level=100 access=20 "
    "member=1 output=embed page=2 comments=1"
)
# Searches for free text find the article, but must not show gated text. Gated words have a test of their own, since
# the search field repeats the query.
SEARCHES = split_words(
    "q=text q=free+text&sort=newest q=gated+article q=author q=text&section=a-section&author=an-author "
    "q=text&level=100 q=text&access=20 q=text&full=1 q=text&author=zyl q=free+zyl q=zy&sort=newest"
)
# Words of gated text, and some that look like them.
GATED_SEARCHES = (SECRET, f"free {SECRET}", SECRET[:6], f"{SECRET} heading", "heading", "speaker", f"{SECRET[:-1]}x")
FILTERS = ({}, {"sort": "newest"}, {"section": "a-section"}, {"author": "an-author"})


def url_names(patterns, prefix="") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            namespace = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from url_names(pattern.url_patterns, namespace)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}" if pattern.name else f"{prefix}<unnamed {pattern.pattern}>"


class GateCase(TestCase):
    """An article with gated text in all its parts, and readers without access."""

    @classmethod
    def setUpTestData(cls):
        make_price()
        image = make_image(alt=f"{SECRET} alt", caption=f"{SECRET} library caption")
        create_first_renditions(image)
        cls.article = make_article(
            slug="gated-article",
            headline="A gated article",
            body=BODY % image.uuid,
            required_level=10,
            section=make_section(slug="a-section"),
            audio=make_recording(),
            series=make_series(slug="a-series"),
            series_part=1,
            topics=[make_topic(slug="a-topic")],
            authors=[make_author(slug="an-author")],
        )
        added = f"{BODY % image.uuid}<p>{SECRET} addition.</p>"
        make_version(cls.article, body=added, note="Corrected a figure.", kind="correction", by=make_user())
        make_comment(article=cls.article)
        make_dossier(
            cls.article, entries=[{"date": "2024", "text": "An event.", "article": cls.article}], slug="a-dossier"
        )
        make_page(slug="a-page")
        cls.readers = {"anonymous": None, "registered": make_user(), "lapsed": make_lapsed_reader()}
        cls.subscriber = make_subscriber()

    def assert_no_gated_text(self, reader, ask, least=1):
        self.client.logout()
        if user := self.readers[reader]:
            self.client.force_login(user)
        count = 0
        for name, response in ask():
            count += 1
            with self.subTest(f"{reader}: {name}"):
                self.assertLess(response.status_code, 500)
                body = response.getvalue() if response.streaming else response.content
                self.assertNotIn(SECRET.encode(), body)
                self.assertNotIn(SECRET, str(dict(response.headers)) + str(response.cookies))
        self.assertGreaterEqual(count, least)


class GateTests(GateCase):
    def pages(self) -> Iterator[tuple[str, object]]:
        """Ask for everything that shows articles."""
        for name, arguments in URLS.items():
            yield name, self.client.get(reverse(name, kwargs=arguments))
            for file in ("rss.xml", "feed.json") if "file" in arguments else ():
                yield f"{name} {file}", self.client.get(reverse(name, kwargs={**arguments, "file": file}))
        url = self.article.get_absolute_url()
        for suffix in ("amp/", "history/", "versions/1/", "read/", "print/", "index.json", "feed/", "text/", *VERIFIED):
            yield suffix, self.client.get(f"{url}{suffix}")
        yield "embed", self.client.get("/oembed/", {"url": f"{settings.SITE_URL}{url}"})
        yield "write a comment", self.client.get(f"{url}comments/")

    def tricks(self) -> Iterator[tuple[str, object]]:
        """Ask for the article in unusual ways, and for pages without articles."""
        url = self.article.get_absolute_url()
        for name in url_names(get_resolver().url_patterns):
            if name.startswith(PREFIXES):
                try:
                    yield name, self.client.get(reverse(name), {"next": url})
                except Exception as error:
                    if type(error).__name__ != "NoReverseMatch":
                        raise
        for headers in HEADERS:
            yield f"headers {headers}", self.client.get(url, headers=headers)
        for query in QUERIES:
            yield f"?{query}", self.client.get(f"{url}?{query}")
        for method in ("head", "options", "post", "put", "patch", "delete", "trace"):
            yield method, getattr(self.client, method)(url)
        for query in SEARCHES:
            yield f"search {query}", self.client.get(f"/search/?{query}")
        yield "post a comment", self.client.post(f"{url}comments/", {"text": "Hello.", "key": "k" * 32})

    @takes_longer("Every kind of reader asks every kind of page.")
    def test_readers_without_access_never_receive_gated_text(self):
        for reader in self.readers:
            self.assert_no_gated_text(reader, self.pages, least=30)

    @tag("sqlite")  # None of them queries the database in a way of its own.
    @takes_longer("The article is asked for in a hundred ways.")
    def test_no_trick_shows_gated_text(self):
        for reader in ("anonymous", "lapsed"):
            self.assert_no_gated_text(reader, self.tricks, least=30)

    @takes_longer("Every kind of reader asks every kind of page.")
    def test_searches_for_gated_text_find_nothing_without_access(self):
        for reader, user in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            for query in GATED_SEARCHES:
                for filters in FILTERS:
                    with self.subTest(f"{reader}: {query} {filters}"):
                        page = self.client.get("/search/", {"q": query, **filters})
                        self.assertContains(page, "No results for")
                        self.assertNotContains(page, "A gated article")
                        self.assertNotContains(page, "Did you mean")
        self.client.force_login(self.subscriber)
        self.assertContains(self.client.get("/search/", {"q": SECRET[:6]}), f"<mark>{SECRET}</mark>")

    def test_readers_with_access_receive_gated_text(self):
        self.client.force_login(self.subscriber)
        page = self.client.get(self.article.get_absolute_url())
        for text in ("heading", "sentence.", "note", "speaker", "quote", "cell", "caption"):
            self.assertContains(page, f"{SECRET} {text}")
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_an_anonymous_reader_after_a_subscriber_gets_the_public_page(self):
        self.client.force_login(self.subscriber)
        etag = self.client.get(self.article.get_absolute_url()).headers.get("ETag", '"x"')
        self.client.logout()
        self.client.cookies.clear()
        page = self.client.get(self.article.get_absolute_url(), headers={"If-None-Match": etag})
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, SECRET)
        self.assertContains(page, 'id="gate"')
        self.assertContains(page, "Already subscribed?")
        self.assertContains(page, '"isAccessibleForFree":false')

    def test_articles_for_supporters_are_gated_for_subscribers(self):
        make_version(self.article, required_level=20)
        self.client.force_login(self.subscriber)
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), SECRET)

    def test_every_url_is_tested(self):
        unknown = [
            name
            for name in url_names(get_resolver().url_patterns)
            if name not in URLS and not name.startswith(PREFIXES)
        ]
        self.assertEqual(unknown, [], "Add the URL to URLS, so that it is tested.")
