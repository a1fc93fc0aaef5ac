"""An article as this reader may see it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from articles.access import ReaderRequest, decide
from articles.around import Part, Related, part_of_series, related_to
from articles.dossiers import Story, stories_of
from articles.metadata import absolute, description, json_ld, picture_of_lead
from articles.models import Article, Version
from articles.pictures import Picture
from articles.structure import way_to
from truthlytics.web.pages import depends_on, public_page

_HEADING = re.compile(r'<h([23]) id="([^"]+)">(.*?)</h\1>', re.DOTALL)
_TAG = re.compile(r"<[^>]+>")
LONG_HEADLINE = 90


@dataclass(frozen=True, slots=True)
class Paid:
    """The gated part, fetched only for who may read it."""

    html: str = ""
    notes: str = ""


@public_page(tags=["sections", "plans", "people", "dossiers"])
@require_safe
def article(request: ReaderRequest, slug: str) -> HttpResponse:
    now = timezone.now()
    found = get_object_or_404(Article.objects.published(now), slug=slug)
    version = found.as_served(now)
    decision = decide(version, request.access)
    stories = stories_of(found, now)
    paid = _paid(version) if decision.allowed and version.required_level else Paid()
    part = part_of_series(version, now)
    beside = [found.pk, *(other.article_id for other in part.versions)] if part else [found.pk]
    related = related_to(version, now, without=beside)
    context = {
        "article": found,
        "version": version,
        "decision": decision,
        "paid": paid,
        "notes": version.free_notes if not paid.html else paid.notes,
        "contents": _contents(version.free_html + paid.html),
        "record": found.record(now),
        "part": part,
        "related": related.versions,
        "stories": stories,
        "lead": Picture.from_json(version.head["lead"]) if version.head["lead"] else None,
        "current_section": (version.head["section"] or {}).get("slug"),
        "long_headline": len(version.headline) > LONG_HEADLINE,
        "canonical": absolute(found.get_absolute_url()),
        "description": description(version),
        "picture": picture_of_lead(version),
        "structure": [json_ld(found, version), way_to(version)],
    }
    response = depends_on(render(request, "articles/article.html", context), f"article:{found.pk}")
    return depends_on(response, *_beside(version, part, stories, related))


def _beside(version: Version, part: Part | None, stories: list[Story], related: Related) -> Iterator[str]:
    """The tags of what stands around the text: other pieces, and the lists that they were chosen from."""
    if part:
        yield f"series:{version.head['series']['slug']}"
    yield from related.tags
    for other in (*(part.versions if part else ()), *related.versions):
        yield f"piece:{other.article_id}"
    if stories:
        yield "listing"


def _paid(version: Version) -> Paid:
    row = Version.objects.filter(pk=version.pk).values_list("paid_html", "paid_notes").get()
    return Paid(*row)


def _contents(html: str) -> list[tuple[str, str, str]]:
    """The headings of what this reader may read: "2" or "3", anchor and words. One alone is none."""
    found = [(level, anchor, _TAG.sub("", heading)) for level, anchor, heading in _HEADING.findall(html)]
    return found if len(found) > 1 else []
