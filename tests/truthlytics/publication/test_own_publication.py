"""A publication of its own: after setup and settings, nothing that leaves the site has the name of this software."""

import json
import re
from collections import deque
from pathlib import Path
from unittest import mock
from urllib.parse import urlsplit

from allauth.core.context import request_context
from allauth.mfa.adapter import get_adapter
from django.conf import settings
from django.core import mail
from django.test import Client, RequestFactory, SimpleTestCase, TestCase, tag
from django.urls import reverse
from lxml import html

from articles.models import Section
from subscriptions.models import User
from tests.budget import takes_longer
from tests.factories import make_article, make_author, make_comment, make_dossier, make_series, make_topic, make_user
from tests.html import text_of
from tests.truthlytics.publication.test_settings import FIELDS, svg
from truthlytics.publication import current, get_publication
from truthlytics.publication.models import Publication
from truthlytics.setup.access import make_token
from truthlytics.views import server_error
from truthlytics.web.text import split_words

NAME = "The Harbour Review"
SOFTWARE = re.compile("truthlytics", re.IGNORECASE)
# Pages that no link leads to.
START = split_words(
    "/ /latest/ /search/?q=harbour /subscribe/ /cart/ /accounts/login/ /accounts/signup/ /accounts/password/reset/ "
    "/robots.txt /sitemap.xml /sitemap-news.xml /feeds/rss.xml /feeds/atom.xml /feeds/feed.json /manifest.webmanifest "
    "/.well-known/security.txt /nothing-here/"
)
FEWEST_PAGES = 30
ROOT = settings.BASE_DIR
# Where the software may have its name: the demo is called like it, benchmarks are seen by nobody, and the settings
# have a default.
NAMED = ("truthlytics/tools/demo/", "truthlytics/tools/bench/", "truthlytics/publication/models.py")
NAME_IN_TEXT = re.compile(r"(?<![\w.])Truthlytics(?!Config)")


@tag("sqlite")  # Names in templates do not depend on the database.
class OwnPublicationTests(TestCase):
    @classmethod
    def setUpTestData(cls):
        client = Client()
        fields = {
            "name": NAME,
            "language": "en-gb",
            "section": "Port",
            "time_zone": "Europe/Berlin",
            "display_name": "Ada Quay",
            "plan": "paid",
            "price": "8",
            "email": "ada@harbour.example",
            "password": "quay-and-crane-7",
            "token": make_token(),
        }
        assert client.post("/admin/setup/", fields).status_code == 302
        settings_page = reverse("admin:truthlytics_publication_change", args=[1])
        assert client.post(settings_page, FIELDS | {"logo": svg()}).status_code == 302
        publication = Publication.objects.get()
        publication.accent = "#1a3f8b"
        publication.save()
        section, topic, author = Section.objects.get(), make_topic(), make_author()
        cls.article = make_article(
            section=section, topics=[topic], authors=[author], series=make_series(), series_part=1
        )
        make_comment(article=cls.article)
        make_dossier(cls.article)

    def check(self, url, response):
        content = response.getvalue() if response.streaming else response.content
        text = content.decode("utf-8", "replace") + str(response.headers)
        if found := SOFTWARE.search(text):
            self.fail(f"{url}: …{text[max(0, found.start() - 80) : found.end() + 80]}…")
        return text

    @takes_longer("Long lists are made and read.")
    def test_readers_pages_and_files(self):
        client, queue, seen = Client(), deque(START), set(START)
        while queue:
            url = queue.popleft()
            response = client.get(url)
            text = self.check(url, response)
            links = re.findall(r'(?:href|src|content)="([^"]+)"|<loc>([^<]+)</loc>', text)
            for link in (one or other for one, other in links):
                parts = urlsplit(link.replace("&amp;", "&"))
                local = not parts.netloc or f"{parts.scheme}://{parts.netloc}" == settings.SITE_URL
                path = parts.path + (f"?{parts.query}" if parts.query else "")
                if local and path.startswith("/") and not path.startswith(("/static/", "/admin/")) and path not in seen:
                    seen.add(path)
                    queue.append(path)
        self.assertGreater(len(seen), FEWEST_PAGES)
        self.assertTrue(
            {get_publication().theme_url, get_publication().logo.url, self.article.get_absolute_url()} <= seen
        )

    def test_front_page_and_structured_data(self):
        page = html.fromstring(self.client.get("/").content)
        self.assertEqual(text_of(page.find(".//title")), f"{NAME}: {FIELDS['tagline']}")
        data = [json.loads(script.text) for script in page.iterfind('.//script[@type="application/ld+json"]')]
        self.assertEqual({item["name"] for item in data}, {NAME})

    def test_pages_of_a_reader(self):
        self.client.force_login(make_user())
        for name in (
            "subscriptions:account",
            "account_email",
            "account_change_password",
            "mfa_index",
            "mfa_activate_totp",
        ):
            url = reverse(name)
            self.check(url, self.client.get(url, follow=True))

    def test_emails(self):
        client = Client()
        with self.captureOnCommitCallbacks(execute=True):
            client.post(
                "/accounts/signup/",
                {"email": "new@harbour.example", "display_name": "New", "password1": "quay-and-crane-8"},
            )
            client.post("/accounts/password/reset/", {"email": "ada@harbour.example"})
            Client().post("/accounts/login/code/", {"email": "ada@harbour.example"})
        self.assertGreaterEqual(len(mail.outbox), 3)
        for message in mail.outbox:
            parts = [
                message.subject,
                message.from_email,
                message.body,
                *(part.content for part in message.alternatives),
            ]
            self.assertIsNone(SOFTWARE.search("\n".join(map(str, parts))), message.subject)
            self.assertIn(NAME, message.from_email)
            self.assertIn("Harbour Press Ltd", message.body)

    def test_authenticators_and_passkeys(self):
        user = User.objects.get(email="ada@harbour.example")
        with request_context(RequestFactory().get("/")):
            self.assertIn("issuer=The%20Harbour%20Review", get_adapter().build_totp_url(user, "SECRET"))
            self.assertEqual(get_adapter().get_public_key_credential_rp_entity()["name"], NAME)

    @takes_longer("Many requests, one after the other.")
    def test_titles_and_texts_of_the_newsroom(self):
        self.client.force_login(User.objects.get(email="ada@harbour.example"))
        urls = ["/admin/", "/admin/truthlytics/", "/admin/find/?q=a", "/admin/front/", "/admin/calendar/"]
        urls += [
            reverse(f"admin:{name}_changelist")
            for name in (
                "articles_article",
                "articles_image",
                "comments_comment",
                "subscriptions_user",
                "truthlytics_auditentry",
                "truthlytics_publication",
            )
        ]
        urls.append(reverse("admin:articles_article_change", args=[self.article.pk]))
        for url in urls:
            page = html.fromstring(self.client.get(url, follow=True).content)
            self.assertTrue(page.findtext(".//title").endswith(f"{NAME} newsroom"), url)
            shown = "//@title | //@alt | //@aria-label | //@placeholder | //*[@type!='hidden']/@value"
            seen = [page.text_content(), *page.xpath(shown)]
            self.assertIsNone(SOFTWARE.search("\n".join(seen)), url)

    def test_error_pages(self):
        self.check("400", self.client.get("/search/?q=%00"))
        self.check("403", Client(enforce_csrf_checks=True).post("/accounts/login/"))
        # Error pages use what the process has read before; changes of this test are not committed.
        with mock.patch.object(current, "_kept", current._Kept(get_publication(), (), 0)):
            self.assertIn(NAME, self.check("500", server_error(RequestFactory().get("/"))))
        with mock.patch.object(current, "_kept", None):
            self.assertNotIn("None", self.check("500", server_error(RequestFactory().get("/"))))


class SourceTests(SimpleTestCase):
    def test_the_name_is_in_no_template_string_or_script(self):
        paths = [
            path
            for folder in ("templates", "articles", "comments", "subscriptions", "truthlytics")
            for path in (ROOT / folder).rglob("*")
            if path.suffix in {".html", ".txt", ".py", ".js", ".css", ".po", ".svg"} and "migrations" not in path.parts
        ]
        self.assertGreater(len(paths), 500)
        for path in paths:
            name = str(path.relative_to(ROOT))
            if not name.startswith(NAMED):
                self.assertIsNone(NAME_IN_TEXT.search(_without_comments(path)), name)


def _without_comments(path: Path) -> str:
    text = path.read_text(encoding="utf-8")
    return re.sub(r"^#.*$", "", text, flags=re.MULTILINE) if path.suffix == ".po" else text
