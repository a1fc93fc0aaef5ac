"""The style guides of the site and of the newsroom. They write nothing to the database."""

import logging
import re
from itertools import count, starmap

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.safestring import SafeString
from django.views.decorators.http import require_safe

from truthlytics.env import BASE_DIR
from truthlytics.tools.styleguide import tokens
from truthlytics.tools.styleguide.sample import Sample
from truthlytics.tools.styleguide.samples import newsroom, samples_of
from truthlytics.web import plugins
from truthlytics.web.fragments import bypass_fragment_cache
from truthlytics.web.plugins import StyleSamples, style_samples

logger = logging.getLogger(__name__)
Rendered = list[tuple[str, SafeString]]
LAYERS = BASE_DIR / "truthlytics" / "static" / "css" / "layers.css"


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
        added = style_samples()
        parts += [(str(each.component), _of_extension(each, request, numbers)) for each in added]
    context: dict[str, object] = {
        "parts": parts,
        # Others are linked by all pages.
        "stylesheets": [each.stylesheet for each in added if each.stylesheet not in plugins.site_styles()],
        "pairs": tokens.pairs(),
        "steps": tokens.STEPS,
    }
    return render(request, "admin/styles/site.html", context)


def _of_extension(added: StyleSamples, request: HttpRequest, numbers: "count[int]") -> Rendered:
    """Return the samples of a feature or plug-in. Of a function that fails there are none, and it is logged."""
    try:
        return [(str(sample.title), sample.render(request, numbers)) for sample in starmap(Sample, added.make())]
    except Exception:
        logger.exception("The samples of “%s” cannot be shown.", added.component)
        return []


@require_safe
def newsroom_styles(request: HttpRequest) -> HttpResponse:
    numbers = count(1)
    with bypass_fragment_cache():
        parts = [(sample.title, sample.render(request, numbers)) for sample in newsroom.samples()]
    context = admin.site.each_context(request) | {"title": "Newsroom style guide", "parts": parts}
    return render(request, "admin/styles/newsroom.html", context)
