"""Apply the worked examples of docs/contributing.md to a copy of the tree: code from there, positions from here."""

import re
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
IMPORTS = {
    "articles/admin/articles/filters.py": (
        "from django.db.models import Q, QuerySet, Value\n",
        "from django.db.models import Exists, OuterRef, Q, QuerySet, Value\n",
        "from articles.models import Article, Author, Byline, Topic\n",
        "from articles.models import Article, Author, Byline, Citation, Topic\n",
    ),
    "subscriptions/services/reminders.py": (
        "from subscriptions.models import Payment, SentEmail",
        "from subscriptions.models import EmailKind, Payment, SentEmail",
    ),
}
EMAIL = {
    "subject.txt": '{% load i18n %}{% translate "Thank you" %}',
    "txt": """{% extends "emails/base.txt" %}
{% load i18n %}
{% block message %}Dear {{ reader.display_name }},

You have read {{ publication.name }} since {{ first|date:"DATE_FORMAT" }}: {{ years }} years. Thank you.

Don’t want this email? {{ site_url }}{% url "subscriptions:emails" %}{% endblock %}
""",
    "html": """{% extends "emails/base.html" %}
{% load i18n %}

{% block title %}Thank you{% endblock title %}

{% block message %}
  <h1>Thank you</h1>
  <p>You have read {{ publication.name }} since {{ first|date:"DATE_FORMAT" }}: {{ years }} years. Thank you.</p>
  <p><a href="{{ site_url }}{% url "subscriptions:emails" %}">Don’t want this email?</a></p>
{% endblock message %}
""",
}


def read(*kinds: str) -> list[str]:
    """Return the pieces of code in the worked examples, of these kinds of tokens."""
    text = (ROOT / "docs/contributing.md").read_text(encoding="utf-8")
    tokens = MarkdownIt().parse(text.partition("## Four worked examples\n")[2].partition("\n## ")[0])
    pieces = [child for token in tokens for child in (token.children or [token])]
    return [piece.content.rstrip("\n") for piece in pieces if piece.type in kinds]


class Examples:
    """The worked examples, and the copy that they change."""

    def __init__(self, copy: Path) -> None:
        self.copy = copy
        self.pieces = read("code_inline", "code_block")
        self.used: set[str] = set()

    def code(self, start: str) -> str:
        """Return the piece of code that begins so."""
        found = {piece for piece in self.pieces if piece.startswith(start)}
        if len(found) != 1:
            raise AssertionError(f"The worked examples have {len(found)} pieces of code that begin with {start}")
        self.used |= found
        return found.pop()

    def replace(self, name: str, *pairs: str) -> None:
        """Replace texts in a file, which have to be there once: old, new, old, new."""
        path = self.copy / name
        text = path.read_text(encoding="utf-8")
        for old, new in zip(pairs[::2], pairs[1::2], strict=True):
            if text.count(old) != 1:
                raise AssertionError(f"{name} has {text.count(old)} times: {old}")
            text = text.replace(old, new)
        path.write_text(text, encoding="utf-8")

    def above(self, name: str, line: str, start: str) -> None:
        """Insert the piece of code that begins with `start` above the line, indented like it."""
        self.insert(name, line, start, "{code}\n{line}")

    def below(self, name: str, line: str, start: str) -> None:
        self.insert(name, line, start, "{line}\n{code}")

    def insert(self, name: str, line: str, start: str, form: str) -> None:
        text = (self.copy / name).read_text(encoding="utf-8")
        # Another one may be there: `replace` refuses it.
        whole = next(iter(re.findall(rf"^.*{re.escape(line)}.*$", text, re.MULTILINE)), line)
        indent = " " * (len(whole) - len(whole.lstrip()))
        code = re.sub("^(?=.)", indent, self.code(start), flags=re.MULTILINE)
        self.replace(name, f"\n{whole}\n", "\n" + form.format(code=code, line=whole) + "\n")

    def describe(self, before: str, start: str) -> None:
        self.replace(self.code("docs/exporting.md"), f"{before}, ", f"{before}, {self.code(start)}, ")

    def apply(self) -> None:
        self.dateline()
        self.pronouns()
        self.sources()
        self.thanks()
        self.tests()
        for name, pairs in IMPORTS.items():
            self.replace(name, *pairs)
        if left := set(read("code_block")) - self.used:
            raise AssertionError(f"The worked examples have code that this module does not apply: {left}")

    def dateline(self) -> None:
        name = self.code("articles/models/articles.py")
        self.replace(name, "EXTRA_LINES: tuple[str, ...] = ()", self.code("EXTRA_LINES: "))
        self.below(name, "    body: ", "dateline = ")
        self.below(self.code("templates/admin/articles/article/_side.html"), self.code("data-free"), "<div class=")
        self.above(self.code("templates/articles/_article_header"), self.code("{% if head.by"), "{% if head.dateline")
        self.below(self.code("articles/seo/jsonld.py"), '"articleSection": ', '"dateline": ')
        self.describe("`series_part`", "`dateline`")

    def pronouns(self) -> None:
        name = self.code("subscriptions/models/users.py")
        self.below(name, "    member_since = ", "pronouns = ")
        self.above(name, "class User(", "class Pronouns")
        field, save = self.code('"pronouns"'), self.code("self.instance.save(")
        applying = "        return change_name("
        self.replace(
            self.code("subscriptions/forms/profile.py"),
            'fields = ["display_name"]',
            f'fields = ["display_name", {field}]',
            applying,
            f"        {save}\n{applying}",
        )
        self.below(self.code("templates/comments/_comment.html"), self.code("node.name"), "{% if author.pronouns")
        self.describe("`is_active`", "`pronouns`")

    def sources(self) -> None:
        name = self.code("articles/admin/articles/filters.py")
        self.above(name, "# In the order of the list.", "def without_sources")
        self.replace(name, '"series", ImagesFilter,', f'"series", ImagesFilter, {self.code("SourcesFilter")},')

    def thanks(self) -> None:
        choices = self.code("subscriptions/models/email_choices.py")
        self.above(choices, "    WORKFLOW = ", "THANKS = ")
        self.above(choices, '    "newsroom": ', '"subscription": EmailGroup')
        self.above(self.code("subscriptions/emails/contracts.py"), "def _about(", "def thanks")
        name = self.code("subscriptions/services/reminders.py")
        self.above(name, "def _ends_within(", "def anniversaries")
        self.replace(name, "(ending, trials, renewals, cards)", "(ending, trials, renewals, cards, anniversaries)")
        for ending, text in EMAIL.items():
            (self.copy / f"templates/emails/thanks.{ending}").write_text(text, encoding="utf-8")

    def tests(self) -> None:
        """Add what tests of all emails need, as the last list of the page says."""
        folder = self.code("tests/subscriptions/")
        sample = """\
    loyal = subscribe()
    paid = {"level": 10, "subscription": loyal, "source": "admin", "source_key": str(uuid4())}
    Grant.objects.create(user=loyal.user, starts_at=timezone.now() - 3 * YEAR, ends_at=timezone.now() + YEAR, **paid)
    record("thanks", emails.contracts.thanks(loyal, 3))
"""
        after = "    ending = subscribe(left=timedelta(days=14))\n"
        self.replace(folder + self.code("emails/samples.py"), after, sample + after)
        sent, life = self.code('"thanks"'), folder + self.code("emails/test_life.py")
        self.replace(
            life,
            '"renewal_ahead", "receipt"]',
            f'"renewal_ahead", "receipt", {sent}]',
            '["ending_soon", "ended"])',
            f'["ending_soon", {sent}, "ended"])',
        )
        choices = self.code('"subscription": ["')
        pairs = ['"checked", 3', '"checked", 4', '"checked", 2', '"checked", 3']
        for old in ('"newsroom": []', '"newsroom": ["remarks"]', '"newsroom": ["workflow", "remarks"]'):
            pairs += [old, f"{old}, {choices}"]
        self.replace(folder + self.code("test_email_choices.py"), *pairs)
        self.replace(folder + self.code("test_reminders.py"), "assertNumQueries(5)", "assertNumQueries(6)")
