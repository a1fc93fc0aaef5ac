"""The style guides of the site and of the newsroom. They write nothing to the database."""

import re
from itertools import count
from pathlib import Path

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from truthlytics.styleguide import tokens
from truthlytics.styleguide.samples import newsroom, samples_of
from truthlytics.web.fragments import bypass_fragment_cache

LAYERS = Path(__file__).parent.parent / "static" / "css" / "layers.css"


def components() -> list[str]:
    """Return the names of the components in the order of the stylesheet."""
    return re.findall(r"components/([\w-]+)\.css", LAYERS.read_text(encoding="utf-8"))


@require_safe
def site_styles(request: HttpRequest) -> HttpResponse:
    numbers = count(1)
    with bypass_fragment_cache():
        parts = [
            (name, [(sample.title, sample.render(request, numbers)) for sample in samples_of(name)])
            for name in components()
        ]
    context: dict[str, object] = {"parts": parts, "pairs": tokens.pairs(), "steps": tokens.STEPS}
    return render(request, "admin/styles/site.html", context)


@require_safe
def newsroom_styles(request: HttpRequest) -> HttpResponse:
    numbers = count(1)
    with bypass_fragment_cache():
        parts = [(sample.title, sample.render(request, numbers)) for sample in newsroom.samples()]
    context = admin.site.each_context(request) | {"title": "Newsroom style guide", "parts": parts}
    return render(request, "admin/styles/newsroom.html", context)
