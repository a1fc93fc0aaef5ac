"""What the documentation says about names, defaults and files is what the code has."""

import ast
import re
from pathlib import Path

from django.conf import settings
from django.core.management import get_commands, load_command_class
from django.test import SimpleTestCase, tag
from django.utils.csp import CSP
from django.utils.translation import gettext, override, pgettext

from subscriptions.providers.stripe import provider
from truthlytics.env import mailer_settings
from truthlytics.newsroom.admin_site import ADMIN_CSP
from truthlytics.newsroom.navigation import all_areas
from truthlytics.server.workers import READ_THREADS, WRITE_THREADS
from truthlytics.web import login_providers

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"
PAGES = [*sorted(DOCS.glob("*.md")), *(ROOT / name for name in ("README.md", "CONTRIBUTING.md", "SECURITY.md"))]
# Read by tests only.
NOT_FOR_OPERATORS = {"QUIET"}
# Variables that are not read with a constant name or with `env`.
OTHER_VARIABLES: dict[str, str | None] = {
    "FEATURES": None,
    "VAR_DIR": "var",
    "SETUP_PASSWORD": "",
    **dict.fromkeys(
        (
            *login_providers.GOOGLE_VARIABLES,
            *login_providers.APPLE_VARIABLES,
            *login_providers.MICROSOFT_VARIABLES,
            *login_providers.OTHER_VARIABLES,
        ),
        "",
    ),
}


def variables() -> dict[str, str | None]:
    """Return the default of each environment variable that the settings read; None if it is computed."""
    found: dict[str, str | None] = dict(OTHER_VARIABLES)
    for path in (ROOT / "truthlytics").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id.startswith("env")):
                continue
            name, *defaults = node.args
            if not isinstance(name, ast.Constant) or name.value in NOT_FOR_OPERATORS:
                continue
            default = defaults[0] if defaults else ast.Constant("0" if node.func.id == "env_bool" else "")
            constant = str(default.value) if isinstance(default, ast.Constant) else None
            found[name.value] = found.get(name.value) or constant
    return found


def documented() -> dict[str, str]:
    """Return the default of each variable in the tables of docs/settings.md."""
    rows = re.findall(r"^\| `(\w+)` \| (.+?) \|", (DOCS / "settings.md").read_text(encoding="utf-8"), re.MULTILINE)
    return {name: "" if default == "–" else default.strip("`") for name, default in rows}


def anchor(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@tag("all_features")
class SettingsTests(SimpleTestCase):
    def test_every_setting_is_documented_with_its_default(self):
        expected = {name: default for name, default in variables().items() if default is not None}
        self.assertGreater(len(expected), 20)
        self.assertEqual(documented().keys(), variables().keys(), "Update the tables in docs/settings.md.")
        self.assertEqual({name: documented()[name] for name in expected}, expected)

    def test_the_example_file_has_every_setting(self):
        example = (ROOT / ".env.example").read_text(encoding="utf-8")
        self.assertEqual(set(re.findall(r"^(?:# )?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE)), variables().keys())


@tag("all_features")
class PagesTests(SimpleTestCase):
    def test_links_lead_to_files_and_headings(self):
        broken = []
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for target in re.findall(r"\]\((?!https?:)([^)\s]+)\)", text):
                path, _, fragment = target.partition("#")
                file = (page.parent / path).resolve() if path else page
                headings = re.findall(r"^#+ (.+)$", file.read_text("utf-8"), re.MULTILINE) if fragment else []
                if not file.exists() or (fragment and fragment not in map(anchor, headings)):
                    broken.append(f"{page.name}: {target}")
        self.assertEqual(broken, [])

    def test_names_in_the_german_newsroom_are_those_of_the_catalogue(self):
        table = (DOCS / "german.md").read_text(encoding="utf-8").partition("## Names on the page for editors")[2]
        rows = re.findall(r"^\| (.+) \| (.+) \|$", table, re.MULTILINE)[1:]
        self.assertGreater(len(rows), 30)
        named = " ".join((DOCS / "editors.md").read_text(encoding="utf-8").split())
        with override("de"):
            for english, german in rows:
                with self.subTest(english):
                    self.assertIn(f"*{english}*", named)
                    contexts = {pgettext(context, english) for context in ("newsroom", "button")}
                    self.assertIn(german, {gettext(english), *contexts})

    def test_every_page_is_linked_from_the_readme(self):
        readme = (ROOT / "README.md").read_text(encoding="utf-8")
        self.assertEqual([page.name for page in DOCS.glob("*.md") if f"(docs/{page.name})" not in readme], [])

    def test_pictures_are_shown_and_small(self):
        pages = "".join(page.read_text(encoding="utf-8") for page in PAGES)
        for picture in (DOCS / "images").iterdir():
            with self.subTest(picture.name):
                self.assertIn(f"images/{picture.name})", pages)
                self.assertLess(picture.stat().st_size, 150_000)

    def test_commands_exist(self):
        """Commands of the project and of Django and allauth that the pages tell operators to run."""
        for page in PAGES:
            text = page.read_text(encoding="utf-8")
            for name in re.findall(r"(?:manage\.py|\$as) ([a-z][a-z_]+)", text):
                with self.subTest(page.name, command=name):
                    self.assertIn(name, get_commands())

    def test_the_readme_starts_a_worker_for_tasks(self):
        """`start` runs one, and so does the container."""
        own = (ROOT / "README.md").read_text(encoding="utf-8").partition("## Run it from a checkout")[2]
        self.assertIn("manage.py start", own.partition("## ")[0])
        self.assertIn('CMD ["start"', (ROOT / "Dockerfile").read_text(encoding="utf-8"))

    def test_blocks_define_the_shorthand_that_they_use(self):
        text = (DOCS / "deploy.md").read_text(encoding="utf-8")
        blocks = [block for block in re.findall(r"(?:^    .*\n|^\n(?=    ))+", text, re.MULTILINE) if "$as " in block]
        self.assertGreater(len(blocks), 4)
        for block in blocks:
            with self.subTest(block):
                self.assertIn('as="runuser', block)

    def test_the_upgrade_stops_at_the_first_failure_and_begins_with_a_backup(self):
        steps = (
            (DOCS / "deploy.md")
            .read_text(encoding="utf-8")
            .partition("### Upgrading")[2]
            .partition("    git rev-parse")[2]
        )
        lines = steps.partition("\n\n")[0].splitlines()
        self.assertTrue(all(line.endswith("&&") for line in lines[:-1]), lines)
        self.assertLess(steps.index("git checkout"), steps.index("$as upgrade"))
        self.assertLess(steps.index("$as upgrade"), steps.index("systemctl reload"))

    def test_the_recipes_of_mail_providers_are_valid_and_encrypted(self):
        text = (DOCS / "email.md").read_text(encoding="utf-8")
        urls = re.findall(r"^    SMTP_URL=(.+)$", text, re.MULTILINE)
        self.assertEqual(len(urls), 5)
        for url in urls:
            with self.subTest(url):
                options = mailer_settings(re.sub("<[^>]+>", "x", url))["OPTIONS"]
                self.assertTrue(options["username"] and (options["use_ssl"] or options["use_tls"]))

    def test_events_of_stripe(self):
        step = (DOCS / "payments.md").read_text(encoding="utf-8").partition("with these events:")[2]
        self.assertEqual(set(re.findall(r"`([a-z_.]+)`", step.partition("Copy")[0])), set(provider.EVENTS))

    def test_messages_are_those_of_the_code(self):
        rows = re.findall(r"^\| (.+?) \|", (DOCS / "troubleshooting.md").read_text(encoding="utf-8"), re.MULTILINE)
        # Messages of libraries, and those with a value in them.
        others = {"database is locked", "Port 8000 is already in use"}
        messages = {message.rstrip(" …") for message in re.findall("`([^`\n]+ [^`\n]+)`", "\n".join(rows))} - others
        self.assertGreaterEqual(len(messages), 5)
        code = "".join(path.read_text("utf-8") for path in [ROOT / "manage.py", *(ROOT / "truthlytics").rglob("*.py")])
        self.assertEqual([message for message in messages if message not in code], [])

    def test_the_content_security_policy(self):
        """SECURITY.md names what the policies allow."""
        public, newsroom = settings.SECURE_CSP, ADMIN_CSP
        self.assertEqual({*public["script-src"], *public["style-src"]}, {CSP.SELF})
        self.assertEqual(newsroom["script-src"], [CSP.SELF, CSP.NONCE])
        self.assertEqual(newsroom["style-src"], [CSP.SELF, CSP.NONCE, settings.EDITOR_STYLE])
        text = (ROOT / "SECURITY.md").read_text(encoding="utf-8")
        for word in ("nonce", "hash", *(f"`{source}`" for source in set(newsroom["img-src"]) - set(public["img-src"]))):
            self.assertIn(word, text)

    def test_steps_are_numbered_in_order(self):
        for page in PAGES:
            for block in re.findall(r"(?:^\d+\. .*\n(?:(?:   .*)?\n)*)+", page.read_text("utf-8"), re.MULTILINE):
                numbers = [int(number) for number in re.findall(r"^(\d+)\. ", block, re.MULTILINE)]
                with self.subTest(page.name, numbers=numbers):
                    self.assertEqual(numbers, list(range(1, len(numbers) + 1)))

    def test_connections_to_the_database(self):
        words = {8: "eight"}
        for name in ("deploy.md", "deploy/pgbouncer.ini"):
            self.assertIn(f"{words[READ_THREADS + WRITE_THREADS]} per web worker", (DOCS / name).read_text("utf-8"))

    def test_editors_find_the_links_of_the_navigation(self):
        """Names of pages in docs/editors.md that a link of the navigation must have."""
        names = {str(item.name) for area in all_areas() for item in area.items}
        text = " ".join((DOCS / "editors.md").read_text(encoding="utf-8").split())
        named = re.findall(r"in (?:the )?\*([A-Z][\w ]+)\*|open \*(Front page)\*|\*(\w+)\* in the menu", text)
        links = {name for groups in named for name in groups if name}
        self.assertGreaterEqual(links, {"Calendar", "Images", "Front page", "Sources", "Reported errors"})
        self.assertLessEqual(links, names)

    def test_the_newsroom_is_documented_by_its_areas(self):
        text = (DOCS / "newsroom.md").read_text(encoding="utf-8")
        areas = re.findall(r"^\| \*\*(.+?)\*\* \|", text, re.MULTILINE)
        self.assertEqual(areas, [str(area.name) for area in all_areas()])


@tag("all_features")
class ChangelogTests(SimpleTestCase):
    def test_each_release_has_one_section_of_a_kind(self):
        text = (ROOT / "CHANGELOG.md").read_text(encoding="utf-8")
        for release in re.split(r"^## ", text, flags=re.MULTILINE)[1:]:
            kinds = re.findall(r"^### (.+)$", release, re.MULTILINE)
            with self.subTest(release.splitlines()[0]):
                self.assertEqual(len(kinds), len(set(kinds)), kinds)
                known = {"Added", "Changed", "Deprecated", "Removed", "Fixed", "Security", "Summary", "Upgrade notes"}
                self.assertLessEqual(set(kinds), known)


@tag("all_features")
class HelpTests(SimpleTestCase):
    def test_every_argument_of_a_command_is_explained(self):
        apps = ("articles", "comments", "subscriptions", "truthlytics")
        commands = {name: app for name, app in get_commands().items() if str(app).startswith(apps)}
        self.assertGreaterEqual(commands.keys(), {"backup", "demo", "measure_detector", "restore"})
        for name, app in commands.items():
            actions = load_command_class(app, name).create_parser("manage.py", name)._actions
            with self.subTest(name):
                self.assertEqual([action.dest for action in actions if not action.help], [])
