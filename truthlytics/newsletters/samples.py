"""Samples of the line below articles for the style guide."""

from truthlytics.web.types import TemplateContext

NAME = (
    "Letters from the slow, contested and still unfinished business of measuring what a government costs the people "
    "who were never asked whether they wanted it measured, every Friday, before long"
)
DESCRIPTION = (
    "A description may be long as well, and this one is: it runs over several lines, has a word such as "
    "Grundstücksverkehrsgenehmigungszuständigkeitsübertragungsverordnung in it, and must not push the page sideways."
)


def lines() -> list[tuple[str, str, TemplateContext]]:
    context = {"newsletter": {"pk": 1, "name": NAME, "description": DESCRIPTION}, "has_more": True}
    return [
        ("For visitors, with a long name", "newsletters/_line.html", context),
        ("For readers who are logged in", "newsletters/_line.html", context | {"known": True}),
    ]
