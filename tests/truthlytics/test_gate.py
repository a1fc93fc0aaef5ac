"""Nobody without the right finds a gated word, in whatever way they ask. Fails for an address it does not know."""

from collections.abc import Iterator

from django.test import TestCase
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

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

MARK = "zylophantine"
BODY = (
    "<p>The free words.<sup data-footnote='A free note.'></sup></p><hr data-gate>"
    f"<h2>{MARK} heading</h2><p>{MARK} sentence.<sup data-footnote='{MARK} note'></sup></p>"
    f"<aside class='pullquote' data-by='{MARK} speaker'>{MARK} quote</aside>"
    f"<table><tr><th>{MARK} cell</th></tr></table>"
    f"<figure data-image='%s'><figcaption>{MARK} caption</figcaption></figure>"
)

# Every address of the site by its name, and what to fill in; what is new must be added here, and so is looked at.
SLUG = {"slug": "gated-piece"}
GUESSED = {"token": f"{'a' * 22}.{'b' * 43}"}
KNOWN = {
    "articles:front": {}, "articles:latest": {}, "articles:article": SLUG, "articles:section": {"slug": "a-section"},
    "articles:topic": {"slug": "a-topic"}, "articles:author": {"slug": "an-author"}, "articles:rss": {},
    "articles:search": {}, "articles:series": {"slug": "a-series"}, "articles:archive": {},
    "articles:audio": SLUG | {"extension": "wav"},
    "articles:month": {"year": timezone.localdate().year, "number": timezone.localdate().month},
    "articles:dossier": {"slug": "a-dossier"}, "articles:page": {"slug": "a-page"},
    "articles:sitemap": {}, "articles:media": {"sha256": "0" * 64, "extension": "jpg"},
    "articles:feed": {"file": "atom.xml"}, "articles:section_feed": {"slug": "a-section", "file": "atom.xml"},
    "articles:topic_feed": {"slug": "a-topic", "file": "atom.xml"},
    "articles:author_feed": {"slug": "an-author", "file": "atom.xml"}, "articles:sitemap_news": {},
    "articles:sitemap_pages": {}, "articles:sitemap_part": {"kind": "articles", "number": 1},
    # A draft is for whoever was given its link; a guessed one opens nothing.
    "articles:draft": GUESSED, "articles:draft_remarks": GUESSED,
    "articles:document": {"sha256": "0" * 64, "extension": "pdf"},
    "robots": {},
}  # fmt: skip
# Whole families that draw nothing of an article; each is fetched below as far as it takes no argument.
FAMILIES = ("admin:", "account_", "mfa_", "usersessions_", "subscriptions:", "comments:", "styles")

DISGUISES = [
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
QUERIES = [
    "amp=1", "print=1", "format=json", "format=txt", "preview=1", "version=1", "draft=1", "gift=x", "read=1",
    "full=1", "level=100", "access=20", "member=1", "output=embed", "page=2", "comments=1",
]  # fmt: skip
# Words of the free part lead to the piece, and must show nothing of the rest. Gated words are asked for in a test
# of their own: the box shows them again to whoever typed them.
SEARCHES = [
    "q=words", "q=free+words&sort=best", "q=gated+piece", "q=author", "q=words&section=a-section&author=an-author",
    "q=words&level=100", "q=words&access=20", "q=words&full=1", "q=words&author=zyl", "q=free+zyl", "q=zy&sort=best",
]  # fmt: skip


def named(patterns, prefix="") -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            inner = f"{prefix}{pattern.namespace}:" if pattern.namespace else prefix
            yield from named(pattern.url_patterns, inner)
        elif isinstance(pattern, URLPattern):
            yield f"{prefix}{pattern.name}" if pattern.name else f"{prefix}<unnamed {pattern.pattern}>"


class GateTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        make_price()
        image = make_image(alt=f"{MARK} alt", caption=f"{MARK} library caption")
        cls.article = make_article(
            slug="gated-piece", headline="A gated piece", body=BODY % image.uuid, required_level=10,
            section=make_section(slug="a-section"), audio=make_recording(),
            series=make_series(slug="a-series"), series_part=1,
            topics=[make_topic(slug="a-topic")],
            authors=[make_author(slug="an-author")],
        )  # fmt: skip
        make_version(cls.article, note="A word was mended.")
        make_comment(article=cls.article)
        make_dossier(
            cls.article, entries=[{"date": "2024", "text": "It was so.", "article": cls.article}], slug="a-dossier"
        )
        make_page(slug="a-page")
        cls.readers = {"anonymous": None, "registered": make_user(), "lapsed": make_lapsed_reader()}
        cls.subscriber = make_subscriber()

    def representations(self) -> Iterator[tuple[str, object]]:
        address = self.article.get_absolute_url()
        for name, arguments in KNOWN.items():
            yield name, self.client.get(reverse(name, kwargs=arguments))
            for file in ("rss.xml", "feed.json") if "file" in arguments else ():
                yield f"{name} {file}", self.client.get(reverse(name, kwargs={**arguments, "file": file}))
        for name in named(get_resolver().url_patterns):
            if name.startswith(FAMILIES):
                try:
                    yield name, self.client.get(reverse(name), {"next": address})
                except Exception as error:
                    if type(error).__name__ != "NoReverseMatch":
                        raise
        for headers in DISGUISES:
            yield f"headers {headers}", self.client.get(address, headers=headers)
        for query in QUERIES:
            yield f"?{query}", self.client.get(f"{address}?{query}")
        for method in ("head", "options", "post", "put", "patch", "delete", "trace"):
            yield method, getattr(self.client, method)(address)
        for suffix in ("amp/", "history/", "versions/1/", "read/", "print/", "index.json", "feed/", "text/"):
            yield suffix, self.client.get(f"{address}{suffix}")
        for query in SEARCHES:
            yield f"search {query}", self.client.get(f"/search/?{query}")
        yield "write a comment", self.client.get(f"{address}comments/")
        yield "post a comment", self.client.post(f"{address}comments/", {"text": "Hello.", "key": "k" * 32})

    def test_no_gated_word_reaches_a_reader_without_the_right(self):
        for who, user in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            count = 0
            for name, response in self.representations():
                count += 1
                with self.subTest(f"{who}: {name}"):
                    self.assertLess(response.status_code, 500)
                    body = response.getvalue() if response.streaming else response.content
                    self.assertNotIn(MARK.encode(), body)
                    self.assertNotIn(MARK, str(dict(response.headers)) + str(response.cookies))
            self.assertGreaterEqual(count, 30)

    def test_gated_words_find_nothing_for_who_may_not_read_them(self):
        for who, user in self.readers.items():
            self.client.logout()
            if user:
                self.client.force_login(user)
            for words in (MARK, f"free {MARK}", MARK[:6], f"{MARK} heading", "heading", "speaker", f"{MARK[:-1]}x"):
                for more in ({}, {"sort": "best"}, {"section": "a-section"}, {"author": "an-author"}):
                    with self.subTest(f"{who}: {words} {more}"):
                        page = self.client.get("/search/", {"q": words, **more})
                        self.assertContains(page, "Nothing for")
                        self.assertNotContains(page, "A gated piece")
                        self.assertNotContains(page, "Did you mean")
        self.client.force_login(self.subscriber)
        self.assertContains(self.client.get("/search/", {"q": MARK[:6]}), f"<mark>{MARK}</mark>")

    def test_the_marks_are_there_for_who_has_the_right(self):
        self.client.force_login(self.subscriber)
        page = self.client.get(self.article.get_absolute_url())
        for words in ("heading", "sentence.", "note", "speaker", "quote", "cell", "caption"):
            self.assertContains(page, f"{MARK} {words}")
        self.assertEqual(page.headers["Cache-Control"], "private, no-store")

    def test_a_stranger_after_a_subscriber_gets_the_strangers_page(self):
        self.client.force_login(self.subscriber)
        etag = self.client.get(self.article.get_absolute_url()).headers.get("ETag", '"x"')
        self.client.logout()
        self.client.cookies.clear()
        page = self.client.get(self.article.get_absolute_url(), headers={"If-None-Match": etag})
        self.assertEqual(page.status_code, 200)
        self.assertNotContains(page, MARK)
        self.assertContains(page, 'id="gate"')
        self.assertContains(page, "Already subscribed?")
        self.assertContains(page, '"isAccessibleForFree":false')

    def test_a_higher_level_is_needed_for_a_supporters_piece(self):
        make_version(self.article, required_level=20)
        self.client.force_login(self.subscriber)
        self.assertNotContains(self.client.get(self.article.get_absolute_url()), MARK)

    def test_every_address_is_known_to_this_test(self):
        unknown = [
            name for name in named(get_resolver().url_patterns) if name not in KNOWN and not name.startswith(FAMILIES)
        ]
        self.assertEqual(unknown, [], "Add the address to KNOWN, so that it is looked through.")
