"""Plug-ins: the example of docs/extending.md from the page itself, and what happens to those that fail."""

import dataclasses
import logging
import os
import re
import socket
import subprocess
import sys
import tempfile
import textwrap
import time
from pathlib import Path

from django.test import RequestFactory, SimpleTestCase, TestCase, tag
from django.utils.html import format_html
from markdown_it import MarkdownIt
from playwright.sync_api import expect

from articles.checks.manuscript import BodyLink, Footnote, ImageDetails, Manuscript, TextLine
from articles.presenters.article import ArticleSummary
from tests.browser.base import shared_browser
from tests.budget import takes_longer
from tests.factories import make_article
from tests.truthlytics.server.served import free_port
from truthlytics.checks import check_slots
from truthlytics.env import BASE_DIR
from truthlytics.web import slots

# Made in the site with the plug-in: an article, a superuser's session, and what the check finds.
PREPARE = """
from articles.checks import Manuscript, run_checks
from django.test import Client
from further_reading.models import Book
from tests.articles.checks.base import manuscript
from tests.factories import make_article, make_user
article = make_article(slug="the-harbour")
Book.objects.create(article=article, title="Quays & <b>Cranes</b>", author="Ines Calloway")
client = Client()
client.force_login(make_user(is_staff=True, is_superuser=True))
print(client.cookies["sessionid"].value)
print([finding.check for finding in run_checks(manuscript(body="<p>" + "word " * 50 + "</p>"))])
"""


# What the second example adds, as staff and the command see it.
LOOK = """
from pathlib import Path
from django.contrib.auth.models import Group
from django.core.management import call_command
from django.test import Client
from articles.models import Article
from harbour.models import Counter
from subscriptions.providers import offered_providers, provider_label
from tests.factories import make_section, make_user
publisher, client = make_user(is_staff=True), Client(SERVER_NAME="localhost")
publisher.groups.add(Group.objects.get(name="Publisher"))
client.force_login(publisher)
def page(address, **data):
    return client.get(address, data, follow=True).content.decode()

form = page("/admin/harbour/counter/")
assert 'value="9–17"' in form and 'aria-current="page"' in form.split("Counter</a>")[0][-200:], form
saved = client.post("/admin/harbour/counter/add/", {"hours": "8–12"})
assert saved.status_code == 302, saved.content.decode()
again = client.get("/admin/harbour/counter/add/").status_code
assert (again, Counter.objects.get().hours) == (403, "8–12"), (again, saved.headers, list(Counter.objects.values()))
settings = page("/admin/truthlytics/publication/")
assert ">Counter</a>" in settings, settings
dashboard = page("/admin/")
assert "Harbour" in dashboard and "/admin/harbour/hours/" in dashboard
assert 'href="/admin/harbour/counter/"' not in dashboard
assert page("/admin/harbour/hours/") == "Open 8–12"
found = page("/admin/find/", q="opening")
assert "/admin/harbour/hours/" in found and "harbour/counter" in found, found
assert client.post("/admin/harbour/counter/1/delete/").status_code in (403, 404)
assert "Tides" in page("/admin/import/")
author = Client(SERVER_NAME="localhost")
author.force_login(make_user(is_staff=True, email="author@example.org"))
assert "harbour" not in author.get("/admin/").content.decode().casefold()
assert author.get("/admin/harbour/counter/").status_code == 403
make_section(slug="ships")
Path("FOLDER/tides.txt").write_text("1\\tSpring tide\\nbroken\\n2\\tNeap tide\\n")
try:
    call_command("import_site", "tides", "FOLDER/tides.txt", section="ships", report=Path("FOLDER/report"))
except SystemExit as error:
    assert error.code == 2
assert sorted(Article.objects.values_list("headline", flat=True)) == ["Neap tide", "Spring tide"]
assert "It has no title." in Path("FOLDER/report").read_text()
assert [provider.code for provider in offered_providers()][-1] == "cash"
assert provider_label("cash") == "Cash at the counter"
print("all of it")
"""


SNIPPET = "from articles.models import Version"


def other_code():
    """Return the code of docs/extending.md that is in none of its files."""
    text = (BASE_DIR / "docs" / "extending.md").read_text(encoding="utf-8")
    blocks = [token.content for token in MarkdownIt().parse(text) if token.type == "code_block"]
    with tempfile.TemporaryDirectory() as folder:
        for package in ("further_reading", "harbour"):
            example(Path(folder), package)
        files = {path.read_text(encoding="utf-8").strip() for path in Path(folder).rglob("*.py")}
    return [block for block in blocks if block.strip() not in files]


def example(folder, package="further_reading"):
    """Write the files of an example of docs/extending.md to `folder`."""
    text = (BASE_DIR / "docs" / "extending.md").read_text(encoding="utf-8")
    found = re.findall(rf"^`({package}/\w+\.py)`[^\n]*:\n\n((?:    .*\n|\n)+)", text, re.MULTILINE)
    for name in (f"{package}/__init__.py", f"{package}/migrations/__init__.py"):
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).touch()
    for name, code in found:
        (folder / name).write_text(textwrap.dedent(code), encoding="utf-8")
    return len(found), sum(len(code.strip().splitlines()) for _name, code in found)


class SiteCase(SimpleTestCase):
    # The site has a database of its own.
    databases = {"default"}

    def setUp(self):
        self.folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.environ = {
            "PATH": os.environ["PATH"], "VAR_DIR": f"{self.folder}/var", "STATIC_ROOT": f"{self.folder}/static",
            "PYTHONPATH": str(self.folder), "SECRET_KEY": "x" * 50, "PLUGINS": "further_reading",
        }  # fmt: skip

    def manage(self, *arguments, **environ):
        command = [sys.executable, str(BASE_DIR / "manage.py"), *arguments]
        return subprocess.run(
            command, env=self.environ | environ, cwd=BASE_DIR, capture_output=True, text=True, timeout=200, check=False
        )


@tag("sqlite")
class FailingPluginTests(SiteCase):
    def write(self, name, code):
        path = self.folder / "broken" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(code)

    def test_one_that_is_not_installed_is_named(self):
        for name in ("not_there", "not_there.at_all", "os.path; rm"):
            done = self.manage("check", PLUGINS=name)
            self.assertEqual(done.returncode, 1)
            self.assertIn(f"The plug-in “{name}” of PLUGINS is not installed.", done.stderr)

    def test_files_that_an_uninstalled_one_has_left_are_no_plug_in(self):
        (self.folder / "broken" / "migrations").mkdir(parents=True)
        (self.folder / "broken" / "migrations" / "0001_initial.py").touch()
        for command in ("check", "migrate", "upgrade", "start"):
            done = self.manage(command, PLUGINS="broken")
            self.assertEqual(done.returncode, 1)
            self.assertIn("The plug-in “broken” of PLUGINS is not installed. Of an earlier one, files are", done.stderr)
            self.assertIn(f"left in {self.folder}/broken. Name it in plugins.txt", done.stderr)

    @takes_longer("Commands are run.")
    def test_one_without_a_configuration_is_refused(self):
        self.write("__init__.py", "")
        for apps in (None, "", "from django.apps import AppConfig\n"):
            if apps is not None:
                self.write("apps.py", apps)
            for command in ("check", "start"):
                with self.subTest(apps, command=command):
                    done = self.manage(command, PLUGINS="broken")
                    self.assertEqual(done.returncode, 1)
                    self.assertIn("The plug-in “broken” has no configuration (apps.py).", done.stderr)

    def test_one_that_fails_while_it_is_imported_is_named(self):
        self.write("__init__.py", "")
        for name, code in (("models.py", "1 / 0"), ("models.py", "import nothing_there"), ("apps.py", "x = {}['y']")):
            self.write(name, code)
            done = self.manage("start", PLUGINS="broken")
            self.assertEqual(done.returncode, 1)
            self.assertIn("The plug-in “broken” cannot be started:", done.stderr)
            self.assertNotIn("Traceback", done.stderr)
            self.assertIn("Traceback", self.manage("check", "--traceback", PLUGINS="broken").stderr)

    def test_a_slot_that_is_gone_is_named_by_check_and_nothing_breaks(self):
        self.write("__init__.py", "")
        code = "from truthlytics.web.slots import show_in\n@show_in('gone')\ndef box(request): return ''\n"
        self.write("models.py", code)
        self.write("apps.py", "from django.apps import AppConfig\nclass Broken(AppConfig):\n    name = 'broken'\n")
        done = self.manage("check", PLUGINS="broken")
        self.assertEqual(done.returncode, 0)
        self.assertIn("broken.models.box uses the slot “gone”, which does not exist.", done.stderr)


class SlotTests(SimpleTestCase):
    def setUp(self):
        logging.disable(logging.NOTSET)
        self.addCleanup(logging.disable, logging.CRITICAL)
        self.addCleanup(slots._shown.update, dict(slots._shown))
        slots._shown.clear()
        self.addCleanup(slots._shown.clear)

    def test_text_is_escaped_and_a_failure_leaves_a_gap(self):
        request = RequestFactory().get("/")

        @slots.show_in("article_end")
        def text(request, article):
            return f"<b>{article}</b>"

        @slots.show_in("article_end")
        def fails(request, article):
            raise ValueError("no")

        with self.assertLogs("truthlytics.web.slots", "ERROR") as logs:
            shown = slots.shown_in("article_end", request, article="&")
        self.assertEqual(shown, "<div data-outside-record>&lt;b&gt;&amp;&lt;/b&gt;</div>")
        self.assertIn("fails failed in the slot “article_end”", logs.output[0])

    def test_what_is_no_text_for_a_page_is_not_shown(self):
        class Unreadable(str):
            def __html__(self):
                return 3

        for shown in (None, 3, [], {}, b"text", object(), Unreadable("x"), "\ud800", "x" * (slots.MAX_SHOWN + 1)):
            with self.subTest(type(shown)), self.assertLogs("truthlytics.web.slots", "ERROR"):
                slots._shown["page_end"] = [lambda request, shown=shown: shown]
                self.assertEqual(slots.shown_in("page_end", RequestFactory().get("/")), "")
        self.assertEqual(check_slots(None), [])

    def test_every_slot_is_in_a_template_and_documented(self):
        templates = "".join(path.read_text() for path in (BASE_DIR / "templates").rglob("*.html"))
        documented = (BASE_DIR / "docs" / "extending.md").read_text()
        for name, given in slots.SLOTS.items():
            objects = "".join(f" {each}=\\S+" for each in given.split(", ") if each)
            self.assertRegex(templates, rf'{{% plugin_slot "{name}"{objects} (as \w+ )?%}}')
            self.assertIn(f"`{name}`", documented)


class HeadTests(TestCase):
    def test_the_head_of_an_article_gets_the_article(self):
        snippet = next(code for code in other_code() if "article.version_id" in code)

        @slots.show_in("article_head")
        def keywords(request, article):
            names = {"article": article}
            exec(snippet, names)
            return format_html('<meta name="about" content="{} {}">', article.url, names["headline"])

        self.addCleanup(slots._shown["article_head"].remove, keywords)
        page = self.client.get(make_article(slug="quays", headline="Two quays").get_absolute_url()).content.decode()
        head = page.partition("</head>")[0]
        self.assertIn('<meta name="about" content="/articles/quays/ Two quays">', head)
        self.assertNotIn('name="about"', self.client.get("/").content.decode())


class DocumentedTests(SimpleTestCase):
    page = (BASE_DIR / "docs" / "extending.md").read_text(encoding="utf-8")

    def test_a_check_may_read_what_there_is_and_all_of_it_is_named(self):
        table = self.page.partition("## What a check may read")[2].partition("\n## ")[0]
        rows = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
        named = {name for row in rows for name in re.findall(r"`(\w+)`", row)}
        there = {name for name in dir(Manuscript) if not name.startswith("_")}
        there |= {field.name for field in dataclasses.fields(Manuscript)}
        self.assertEqual(named, there)
        for kind in (TextLine, BodyLink, Footnote, ImageDetails):
            for field in dataclasses.fields(kind):
                self.assertIn(f"`{field.name}`", table)

    def test_what_slots_know_of_an_article_is_named(self):
        sentence = self.page.partition("`article` is an `ArticleSummary`.")[2].partition("For more")[0]
        self.assertEqual(set(re.findall(r"`(\w+)`", sentence)), set(ArticleSummary._fields))

    def test_no_code_is_without_a_test(self):
        # The examples run in the tests of this module, and this code in `HeadTests`.
        self.assertEqual([code.splitlines()[0] for code in other_code()], ["PLUGINS=further_reading", SNIPPET])


@tag("sqlite")
class AdditionsTests(SiteCase):
    @takes_longer("A site is made.")
    def test_the_second_example_of_the_documentation(self):
        self.assertEqual(example(self.folder, "harbour")[0], 5)
        self.environ["PLUGINS"] = "harbour"
        for command in (("makemigrations", "harbour"), ("migrate",)):
            done = self.manage(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.manage("shell", "--no-imports", "-c", LOOK.replace("FOLDER", str(self.folder)), DEBUG="1")
        self.assertTrue(done.stdout.endswith("\nall of it\n"), done.stdout + done.stderr)


@tag("browser")
class ExampleTests(SiteCase):
    @takes_longer("A site is made, with a server.")
    def test_the_example_of_the_documentation(self):
        files, lines = example(self.folder)
        self.assertEqual(files, 5)
        self.assertLessEqual(lines, 80)
        for command in (("makemigrations", "further_reading"), ("migrate",), ("collectstatic", "--noinput")):
            done = self.manage(*command)
            self.assertEqual(done.returncode, 0, done.stderr)
        done = self.manage("shell", "--no-imports", "-c", PREPARE, DEBUG="1")
        self.assertEqual(done.returncode, 0, done.stderr)
        session, findings = done.stdout.split("\n")[:2]
        self.assertEqual(findings, "['long-sentences']")
        port = free_port()
        self.environ["SITE_URL"] = f"http://localhost:{port}"
        command = [sys.executable, "manage.py", "serve", "--port", str(port), "--workers", "1"]
        server = subprocess.Popen(command, env=self.environ, cwd=BASE_DIR, stderr=subprocess.DEVNULL)
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        self.wait_for(port)
        self.look(self.environ["SITE_URL"], session)

    def wait_for(self, port):
        for _ in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("localhost", port)) == 0:
                    return
            time.sleep(0.1)
        self.fail("The server does not listen.")

    def look(self, site, session):
        context = shared_browser().new_context(base_url=site)
        self.addCleanup(context.close)
        page = context.new_page()
        page.goto("/articles/the-harbour/")
        expect(page.get_by_role("heading", name="Further reading")).to_be_visible()
        expect(page.get_by_text("Ines Calloway: Quays & <b>Cranes</b>")).to_be_visible()
        newsroom = shared_browser().new_context(base_url=site)
        self.addCleanup(newsroom.close)
        newsroom.add_cookies([{"name": "sessionid", "value": session, "url": site}])
        admin = newsroom.new_page()
        admin.goto("/admin/")
        with admin.expect_navigation():
            admin.get_by_role("link", name="Books").last.click()
        with admin.expect_navigation():
            admin.get_by_role("link", name=re.compile("Quays")).click()
        admin.fill("[name=title]", "The second quay")
        with admin.expect_navigation():
            admin.get_by_role("button", name="Save", exact=True).click()
        # The page was cached for visitors.
        page.reload()
        expect(page.get_by_text("The second quay")).to_be_visible()
