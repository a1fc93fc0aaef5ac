"""Refusing crawlers around the page cache: who is refused, who never is, and what is counted."""

import logging
from unittest import mock

from django.db import OperationalError
from django.test import override_settings

from tests.factories import make_article
from tests.transactions import TransactionTestCase
from tests.truthlytics.cache.visitor import MIDDLEWARE, Visitor
from tests.truthlytics.crawlers.signing import Signer, environ
from truthlytics.crawlers.counting import CrawlerCounter
from truthlytics.crawlers.models import CrawlerDay, SignedAgent
from truthlytics.crawlers.wsgi import CrawlerGate
from truthlytics.publication.models import Publication

GPTBOT = "Mozilla/5.0 AppleWebKit/537.36 (KHTML, like Gecko; compatible; GPTBot/1.2; +https://openai.com/gptbot)"
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
PREVIEWS = (
    "WhatsApp/2.23.20.0", "TelegramBot (like TwitterBot)", "Slackbot-LinkExpanding 1.0 (+https://api.slack.com/robots)",
    "facebookexternalhit/1.1 (+http://www.facebook.com/externalhit_uatext.php)", "Twitterbot/1.0",
    "LinkedInBot/1.0 (compatible; Mozilla/5.0; Jakarta Commons-HttpClient/3.1 +http://www.linkedin.com)",
    "Mozilla/5.0 (compatible; Discordbot/2.0; +https://discordapp.com)", "Mastodon/4.5 (http.rb/5.2; +https://m.example/)",
    "Mozilla/5.0 (compatible; Bluesky Cardyb/1.1; +mailto:support@bsky.app)", "Signal/7.1 CFNetwork", "",
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_11_1) AppleWebKit/601.2.4 (KHTML, like Gecko) Version/9.0.1 "
    "Safari/601.2.4 facebookexternalhit/1.1 Facebot Twitterbot/1.0",
    "Feedly/1.0 (+http://www.feedly.com/fetcher.html)", FIREFOX,
)  # fmt: skip


@override_settings(MIDDLEWARE=MIDDLEWARE, ALLOWED_HOSTS=["testserver"])
class GateTestCase(TransactionTestCase):
    def setUp(self):
        self.visitor, self.counter = Visitor(), CrawlerCounter()
        self.counter.is_enabled = True
        self.enterContext(mock.patch("truthlytics.crawlers.counting.Timer"))
        self.gate = CrawlerGate(self.visitor.cache, counter=self.counter)
        self.url = make_article().get_absolute_url()
        self.choose(refuse_crawlers=True, allow_training=False)

    def choose(self, **columns):
        Publication.objects.update_or_create(pk=1, defaults=columns)

    def get(self, path=None, agent=FIREFOX, method="GET", **headers):
        answer = {}
        request = environ({"HTTP_USER_AGENT": agent, **headers}, path or self.url, method)
        body = self.gate(
            request, lambda status, headers, *rest: answer.update(status=status[:3], headers=dict(headers))
        )
        return answer | {"body": b"".join(body)}

    def status(self, *args, **options):
        return self.get(*args, **options)["status"]

    def counted(self):
        with mock.patch("truthlytics.crawlers.counting.connection"):
            self.counter.save()
        return {row.name: (row.requests, row.refused, row.forged) for row in CrawlerDay.objects.all()}


class RefusalTests(GateTestCase):
    def test_a_refused_crawler_gets_a_sentence_also_for_pages_in_the_cache(self):
        self.assertEqual(self.status(), "200")
        answer = self.get(agent=GPTBOT)
        self.assertEqual((answer["status"], self.visitor.rendered), ("403", 1))
        self.assertIn(b"does not want this crawler", answer["body"])
        self.assertEqual(answer["headers"]["X-Robots-Tag"], "noindex")
        self.assertEqual(answer["headers"]["Cache-Control"], "private, no-store")
        self.assertEqual(self.get(agent=GPTBOT, method="HEAD")["body"], b"")
        self.assertEqual(self.status(), "200")

    def test_files_that_say_so_are_open_to_all(self):
        self.choose(offers_license=True, trust_txt={"member": ["https://a.example/"]})
        for path in ("/robots.txt", "/license.xml", "/trust.txt", "/.well-known/trust.txt"):
            self.assertEqual(self.status(path, agent=GPTBOT), "200", path)
        for path in ("/robots.txt/", "//robots.txt", "/feeds/rss.xml", "/latest/"):
            self.assertEqual(self.status(path, agent=GPTBOT), "403", path)

    def test_previews_feed_readers_and_people_are_never_refused(self):
        self.choose(allow_search=False, allow_assistants=False)
        for agent in PREVIEWS:
            self.assertEqual(self.status(agent=agent), "200", agent)

    def test_other_kinds_and_exceptions_are_not_refused(self):
        self.choose(crawler_exceptions=["ccbot", "Googlebot"])
        for agent, status in {"CCBot/2.0": "200", "Googlebot/2.1": "403", "ChatGPT-User/1.0": "200"}.items():
            self.assertEqual(self.status(agent=agent), status, agent)

    def test_case_and_spaces_do_not_help(self):
        for agent in ("gptbot", "  GPTBot/1.0  ", "GPTBOT/1.0", "Mozilla/5.0 (compatible;GpTbOt)"):
            self.assertEqual(self.status(agent=agent), "403", agent)

    def test_a_changed_choice_holds_at_once(self):
        self.assertEqual(self.status(agent=GPTBOT), "403")
        self.choose(refuse_crawlers=False)
        self.assertEqual(self.status(agent=GPTBOT), "200")

    def test_without_the_database_all_get_what_is_cached(self):
        self.status()
        with mock.patch("truthlytics.crawlers.wsgi.get_publication", side_effect=OperationalError):
            self.assertEqual(self.status(agent=GPTBOT), "200")


class CountingTests(GateTestCase):
    def test_requests_of_crawlers_are_counted_and_those_of_others_not(self):
        for agent in (GPTBOT, GPTBOT, "Googlebot/2.1", FIREFOX, "Twitterbot/1.0", "Invented-Thing/1.0"):
            self.status(agent=agent)
        self.status("/robots.txt", agent=GPTBOT)
        self.assertEqual(self.counted(), {"GPTBot": (3, 2, 0), "Googlebot": (1, 0, 0)})
        self.status(agent=GPTBOT)
        self.assertEqual(self.counted()["GPTBot"], (4, 3, 0))

    def test_failure_to_save_is_logged_and_raises_nothing(self):
        self.status(agent=GPTBOT)
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        with (
            mock.patch.object(CrawlerDay.objects, "add", side_effect=OperationalError),
            self.assertLogs("truthlytics.crawlers.counting") as logs,
        ):
            self.assertEqual(self.counted(), {})
        self.assertIn("cannot be saved", logs.output[0])


class SignedTests(GateTestCase):
    def setUp(self):
        super().setUp()
        self.signer = Signer()
        SignedAgent.objects.create(name="Explorer", kind="assistant", keys=self.signer.stored)

    def test_a_signed_request_is_who_it_says_whatever_its_string(self):
        self.choose(allow_assistants=False)
        self.assertEqual(self.status(agent=FIREFOX, **self.signer.headers()), "403")
        self.choose(allow_assistants=True)
        self.assertEqual(self.status(agent=GPTBOT, **self.signer.headers(nonce="n2")), "200")
        self.assertEqual(self.counted(), {"Explorer": (2, 1, 0)})

    def test_a_forged_signature_is_counted_and_changes_nothing(self):
        forged = self.signer.headers(authority="other.example")
        self.assertEqual(self.status(agent=GPTBOT, **forged), "403")
        self.assertEqual(self.status(agent=FIREFOX, **forged), "200")
        self.assertEqual(self.counted(), {"Explorer": (0, 0, 2), "GPTBot": (1, 1, 0)})

    def test_signatures_for_hosts_that_are_not_ours_are_ignored(self):
        request = environ(self.signer.headers(authority="other.example"), host="other.example")
        self.gate(request, lambda *args: None)
        self.assertEqual(self.counted(), {})

    def test_requests_without_a_signature_never_load_keys(self):
        with mock.patch.object(SignedAgent.objects, "known_keys") as known_keys:
            self.status(agent=GPTBOT)
        known_keys.assert_not_called()
