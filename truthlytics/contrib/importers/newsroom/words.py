"""What editors say about lists: what columns have, what words mean and what prices are, in forms or as a file."""

from collections.abc import Mapping
from itertools import groupby
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.newsroom.results import stored_findings
from truthlytics.contrib.importers.newsroom.runs import run_of
from truthlytics.contrib.importers.readers.columns import FIELDS
from truthlytics.contrib.importers.readers.mapping import MAX_TEXT, Said, mapping_of, template
from truthlytics.contrib.importers.readers.occurring import Occurrence
from truthlytics.contrib.importers.readers.records import Word
from truthlytics.contrib.importers.readers.vocabulary import LABELS, MEANINGS, key_of, problem_with
from truthlytics.web.text import strip_control_characters
from truthlytics.web.types import JsonObject

# Fields without which nothing but Stripe knows a contract.
NEEDED = ("status", "payment", "amount", "currency", "interval", "renews_on")
# Words of a topic that a page shows, so that a form does not have too many fields; the mapping has all.
MAX_WORDS = 15


def word_groups(found: JsonObject | None) -> list[dict[str, object]]:
    """Return the words that a list has, by topic, with what each can mean."""
    groups: list[dict[str, object]] = []
    for topic, own in groupby(found["words"] if found else [], key=lambda row: row[0]):
        rows = list(own)
        groups.append(
            {
                "topic": topic,
                "label": LABELS[topic],
                "rows": [_row(*row) for row in rows[:MAX_WORDS]],
                "more": max(0, len(rows) - MAX_WORDS),
                "unknown": sum(number for _topic, _text, _column, meaning, number, _examples in rows if not meaning),
                "choices": MEANINGS[topic].items(),
            }
        )
    return groups


def missing_columns(found: JsonObject | None, kind: str) -> list[tuple[str, str | Promise, list[str]]]:
    """Return what no column of a table has although contracts need it: field, label, and headings that may have it.

    Tables of a known system have the columns that they have.
    """
    rows = [row for _file, own in found["columns"] for row in own] if found and kind == "csv" else []
    there = {field for _heading, _samples, field in rows}
    headings = [heading for heading, _samples, field in rows if not field]
    if "until" in there:
        there.add("renews_on")
    return [(field, LABELS.get(field, FIELDS[field]), headings) for field in NEEDED if rows and field not in there]


def _row(topic: str, text: str, has_column: bool, meaning: str, number: int, examples: list[str]) -> dict[str, object]:
    return {
        "text": text,
        "shown": text or (_("empty cell") if has_column else _("no column")),
        "meaning": meaning,
        "number": number,
        "examples": examples,
        # Dates in these forms have one meaning.
        "is_fixed": topic == "dates" and "?" not in text,
        "is_own": bool(meaning) and meaning not in MEANINGS[topic],
    }


def options_said(request: HttpRequest, run: ImportRun) -> JsonObject:
    """Return the options of `run`, with what a form or an uploaded file says. Raises UnreadableMapping."""
    options: JsonObject = dict(run.options)
    if (file := request.FILES.get("mapping")) is not None:
        said = mapping_of(file.read(), file.name or "").as_json()
        words = {topic: options.get("words", {}).get(topic, {}) | own for topic, own in said["words"].items()}
        return options | {
            "columns": options.get("columns", {}) | said["columns"],
            "words": options.get("words", {}) | words,
            "prices": options.get("prices", {}) | said["prices"],
        }
    pairs = zip(request.POST.getlist("heading"), request.POST.getlist("field"), strict=False)
    columns = {strip_control_characters(heading)[:250]: field for heading, field in pairs if field in FIELDS}
    pairs = zip(request.POST.getlist("missing"), request.POST.getlist("is_in"), strict=False)
    named = {strip_control_characters(heading)[:250]: field for field, heading in pairs if field in NEEDED and heading}
    options["columns"] = options.get("columns", {}) | columns | named
    options["words"] = _words_said(request, run)
    return options


def _words_said(request: HttpRequest, run: ImportRun) -> dict[str, dict[str, str]]:
    """Return the meanings that an editor has chosen. Those that were found without that are left out."""
    words: dict[str, dict[str, str]] = {topic: dict(own) for topic, own in run.options.get("words", {}).items()}
    found = stored_findings(run) or {"words": []}
    known = {(topic, text): meaning for topic, text, _column, meaning, _number, _examples in found["words"]}
    names = ("topic", "word", "meaning")
    for topic, word, meaning in zip(*(request.POST.getlist(name) for name in names), strict=False):
        text, chosen = strip_control_characters(word)[:MAX_TEXT], meaning.strip()
        if problem_with(topic, chosen) or known.get((topic, text)) == chosen:
            continue
        own = {old: value for old, value in words.get(topic, {}).items() if key_of(old) != key_of(text)}
        words[topic] = own | ({text: chosen} if chosen else {})
    return words


@require_safe
def mapping_json(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the mapping of a run as a file: all columns, words and prices, to be filled in."""
    run, _user = run_of(request, pk)
    found = stored_findings(run)
    if found is None or "words" not in found:
        raise Http404("It has no words.")
    occurring = [
        Occurrence(Word(topic, text, meaning, not has_column), number, examples)
        for topic, text, has_column, meaning, number, examples in found["words"]
    ]
    prices: Mapping[str, Any] = {name: "" for name, *_rest in found.get("prices", [])}
    options: JsonObject = run.options
    said = Said(options.get("columns", {}), options.get("words", {}), options.get("prices", {}))
    response = HttpResponse(template(found["columns"], occurring, said, prices).as_file(), "application/json")
    response["Content-Disposition"] = f'attachment; filename="import-{run.pk}-mapping.json"'
    return response
