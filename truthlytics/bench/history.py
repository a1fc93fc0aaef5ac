"""The cost of comparing two versions of a long article for the first time."""

import re
from collections.abc import Iterator
from functools import partial
from typing import Any

from articles.presenters.comparison import compare
from articles.revisions.free_parts import gated_alike
from truthlytics.bench.corpus import body
from truthlytics.bench.measure import cpu_time
from truthlytics.bench.results import Row, at_most

WORDS = 4000
GOAL = 50


def comparison_rows(*, quick: bool) -> Iterator[Row]:
    """CPU ms to compare versions that differ in a few words, in every paragraph, or entirely; and to find their
    free parts.
    """
    text = body(1, WORDS)
    old = _content(text)
    new = {
        "a few words": _content(text.replace(" the ", " that ", 12)),
        "every paragraph": _content(re.sub(r"<p>(\w+ \w+) (\w+)", r"<p>\1 indeed", text)),
        "another text": _content(body(2, WORDS)),
    }
    calls: dict[str, Any] = {
        f"comparison of {WORDS} words: {name}": partial(compare, old, content) for name, content in new.items()
    }
    gated = [{**content, "required_level": 10} for content in (old, new["every paragraph"])]
    calls[f"free parts of two versions of {WORDS} words"] = partial(gated_alike, gated, 10)
    times = cpu_time(calls, batches=1, batch=0.001) if quick else cpu_time(calls)
    for name, us in times.items():
        yield at_most(GOAL, name, us / 1000, "ms")


def _content(text: str) -> dict[str, Any]:
    return {"headline": "Headline", "standfirst": "Standfirst.", "body": text, "pictures": {}}
