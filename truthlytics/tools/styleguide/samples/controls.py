"""Samples of buttons, form fields, masthead and footer."""

from datetime import timedelta

from django import forms

from articles.models import Article, ShareLink
from articles.presenters.menus import Column, Link, Menus
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import content

HERE = "admin/styles"


class EveryField(forms.Form):
    """Every kind of form field on the site."""

    email = forms.EmailField(label="Email", help_text="We never show your email address.")
    code = forms.CharField(label="Code", widget=forms.TextInput(attrs={"autocomplete": "one-time-code"}))
    comment = forms.CharField(
        label="Your comment",
        widget=forms.Textarea(attrs={"class": "input"}),
        max_length=20,
        help_text=content.STANDFIRST,
    )
    plan = forms.ChoiceField(choices=[("a", "Reader"), ("b", content.LONG_HEADLINE)], label="Plan")
    method = forms.ChoiceField(
        choices=[("card", "Card"), ("transfer", content.STANDFIRST)], widget=forms.RadioSelect, label="Payment method"
    )
    agreed = forms.BooleanField(label="A label that is long enough to wrap onto two lines on a phone")
    note = forms.CharField(label="A note", required=False)


def fields() -> list[Sample]:
    invalid = EveryField({"email": "nadia@", "comment": content.STANDFIRST, "plan": "x"})
    return [
        Sample("Empty", f"{HERE}/form.html", {"form": EveryField()}),
        Sample("With errors and submitted values", f"{HERE}/form.html", {"form": invalid}),
    ]


def draft() -> list[Sample]:
    article = Article(headline=content.LONG_HEADLINE, updated_at=content.PUBLISHED)
    link = ShareLink(pk=1, article=article, key="sample", expires_at=content.PUBLISHED + timedelta(days=7))
    bar = {"link": link, "article": article, "publication": {"name": content.LONG_HEADLINE}}
    return [Sample("Above the text", "articles/_draft_bar.html", bar)]


def masthead() -> list[Sample]:
    sections = [
        content.section(name)
        for name in ("Politics", "Economy", "Climate", "Technology", "Society", content.UNBROKEN_TEXT[:60])
    ]
    context = {"front": True, "masthead_sections": sections, "request": None}
    many = Menus(tuple(Link(content.LONG_HEADLINE[: 6 + number], "/") for number in range(12)), ())
    return [
        Sample("Custom menu with twelve links", "_header.html", {"menus": many}),
        Sample("On the front page, with the date", "_header.html", context),
        Sample("On other pages", "_header.html", {"masthead_sections": sections}),
    ]


def footers() -> list[Sample]:
    names = ("About", content.LONG_HEADLINE, content.UNBROKEN_TEXT)
    columns = [Column(name, tuple(Link(name, "/") for name in names)) for name in names]
    return [
        Sample("Default menu", "_footer.html", {"demo_note": content.STANDFIRST}),
        Sample("Custom menu", "_footer.html", {"menus": Menus((), tuple(columns))}),
    ]


SAMPLES = {
    "button": lambda: [Sample("Buttons and links", f"{HERE}/buttons.html", {"long": content.STANDFIRST})],
    "label": lambda: [Sample("Labels and badges", f"{HERE}/labels.html")],
    "field": fields,
    "masthead": masthead,
    "footer": footers,
    "account": lambda: [Sample("Account page", f"{HERE}/page.html")],
    "contents": lambda: [
        Sample(
            "Twelve headings",
            "articles/_table_of_contents.html",
            {
                "contents": [
                    ("23"[number % 2], f"a{number}", content.LONG_HEADLINE[: 20 + 9 * number]) for number in range(12)
                ]
            },
        )
    ],
    "draft": draft,
    "share": lambda: [
        Sample(
            "Without JavaScript",
            "articles/_share.html",
            {
                "subject": content.LONG_HEADLINE,
                "canonical": f"https://news.example/articles/{content.UNBROKEN_TEXT.lower()}/",
            },
        )
    ],
}
