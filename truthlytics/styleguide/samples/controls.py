"""What is pressed and filled in, the frame of a page, and what only the demo has."""

from datetime import timedelta

from django import forms

from articles.models import Article, ShareLink
from articles.presenters.menus import Column, Link, Menus
from truthlytics.styleguide.sample import Sample
from truthlytics.styleguide.samples import hard

HERE = "admin/styles"


class EveryField(forms.Form):
    """The kinds of fields that the site's forms have."""

    email = forms.EmailField(label="E-mail", help_text="Shown to nobody.")
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))
    words = forms.CharField(
        label="Your perspective",
        widget=forms.Textarea(attrs={"class": "input"}),
        max_length=20,
        help_text=hard.STANDFIRST,
    )
    plan = forms.ChoiceField(choices=[("a", "Reader"), ("b", hard.LONG)], label="Plan")
    how = forms.ChoiceField(
        choices=[("card", "By card"), ("transfer", hard.STANDFIRST)], widget=forms.RadioSelect, label="How you pay"
    )
    agreed = forms.BooleanField(label="A choice with a sentence long enough to run over two lines on a telephone")
    note = forms.CharField(label="A note", required=False)


def fields() -> list[Sample]:
    wrong = EveryField({"email": "nadia@", "words": hard.STANDFIRST, "plan": "x"})
    return [
        Sample("As they come", f"{HERE}/form.html", {"form": EveryField()}),
        Sample("With errors, and what was typed", f"{HERE}/form.html", {"form": wrong}),
    ]


def draft() -> list[Sample]:
    article = Article(headline=hard.LONG, updated_at=hard.PUBLISHED)
    link = ShareLink(pk=1, article=article, key="sample", until=hard.PUBLISHED + timedelta(days=7))
    bar = {"link": link, "article": article, "publication": {"name": hard.LONG}}
    return [Sample("Above the text", "articles/_draft_bar.html", bar)]


def masthead() -> list[Sample]:
    sections = [
        hard.section(name) for name in ("Politics", "Economy", "Climate", "Technology", "Society", hard.UNBROKEN[:60])
    ]
    context = {"front": True, "masthead_sections": sections, "request": None}
    many = Menus(tuple(Link(hard.LONG[: 6 + number], "/") for number in range(12)), ())
    return [
        Sample("Twelve links, arranged by hand", "_header.html", {"menus": many}),
        Sample("With the date, on the front page", "_header.html", context),
        Sample("On every other page", "_header.html", {"masthead_sections": sections}),
    ]


def footers() -> list[Sample]:
    names = ("About", hard.LONG, hard.UNBROKEN)
    columns = [Column(name, tuple(Link(name, "/") for name in names)) for name in names]
    return [
        Sample("The foot of every page", "_footer.html", {"demo_note": hard.STANDFIRST}),
        Sample("Arranged by hand", "_footer.html", {"menus": Menus((), tuple(columns))}),
    ]


MAKERS = {
    "button": lambda: [Sample("What can be pressed", f"{HERE}/buttons.html", {"long": hard.STANDFIRST})],
    "label": lambda: [Sample("Labels and badges", f"{HERE}/labels.html")],
    "field": fields,
    "masthead": masthead,
    "footer": footers,
    "account": lambda: [Sample("Rooms of an account", f"{HERE}/page.html")],
    "contents": lambda: [
        Sample("Twelve headings", "articles/_contents.html", {
            "contents": [("23"[number % 2], f"a{number}", hard.LONG[: 20 + 9 * number]) for number in range(12)],
        }),
    ],
    "draft": draft,
    "share": lambda: [
        Sample("Without script", "articles/_share.html", {
            "version": hard.version(), "canonical": f"https://news.example/articles/{hard.UNBROKEN.lower()}/",
        }),
    ],
}  # fmt: skip
