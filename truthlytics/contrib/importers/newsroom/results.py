"""What the import page shows of a run: counts by kind, losses with examples, samples, speed and time left."""

import json
from collections import Counter
from datetime import datetime, timedelta

from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from articles.access import Level
from articles.richtext.rendering import render
from articles.richtext.vocabulary import clean
from truthlytics.contrib.importers import jobs, reports
from truthlytics.contrib.importers.access_signs import is_harmless, without_value
from truthlytics.contrib.importers.contracts.library import CONTRACTS
from truthlytics.contrib.importers.models import ImportRun
from truthlytics.contrib.importers.readers.work import READERS
from truthlytics.contrib.importers.records import LOSS_MESSAGES
from truthlytics.contrib.importers.uploads import run_folder
from truthlytics.web.types import Content, JsonObject

EXAMPLES = 3
# Of access rules, most frequent first.
MAX_SIGNS = 100
KINDS: dict[str, str | Promise] = {
    "article published": gettext_lazy("Published articles"),
    "article scheduled": gettext_lazy("Scheduled articles"),
    "article draft": gettext_lazy("Drafts of articles"),
    "article closed": gettext_lazy("Restricted articles"),
    "page published": gettext_lazy("Published pages"),
    "page scheduled": gettext_lazy("Scheduled pages"),
    "page draft": gettext_lazy("Drafts of pages"),
    "page closed": gettext_lazy("Restricted pages"),
    "comments": gettext_lazy("Comments"),
    "media": gettext_lazy("Files of the media library"),
}
# What the writer counts.
COUNTS: dict[str, str | Promise] = {
    "new": gettext_lazy("New articles and pages"),
    "published": gettext_lazy("published"),
    "scheduled": gettext_lazy("of them scheduled"),
    "drafts": gettext_lazy("of them drafts"),
    "pages": gettext_lazy("of them pages"),
    "updated": gettext_lazy("Updated"),
    "unchanged": gettext_lazy("Unchanged"),
    "comments": gettext_lazy("Comments"),
    "images": gettext_lazy("Images"),
    "compared_whole": gettext_lazy("Readable by everyone on the old site"),
    "compared_part": gettext_lazy("Readable only in part on the old site"),
    "compared_none": gettext_lazy("Not readable on the old site"),
    "compared_unreachable": gettext_lazy("Not reachable on the old site"),
}
STATES: dict[str, str | Promise] = {
    "published": gettext_lazy("Published"),
    "scheduled": gettext_lazy("Scheduled"),
    "drafts": gettext_lazy("Draft"),
}


def stored_findings(run: ImportRun, name: str = jobs.CHECK) -> JsonObject | None:
    """Return what the last dry run, or another step, found out; None if there was none."""
    try:
        found: JsonObject = json.loads((run_folder(run) / name).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return None
    return found


def findings_of(run: ImportRun) -> JsonObject | None:
    """Return what the last dry run found out about articles, with the samples rendered; None if there was none."""
    found = stored_findings(run)
    if found is None:
        return None
    for sample in found["samples"]:
        sample["after_html"] = _rendered(sample["after"])
        sample["state_name"] = STATES.get(sample["state"], "")
    found["signs"] = _signs(found.get("signs", []), run.options.get("harmless", []))
    for kind in ("authors", "sections"):
        mapped = run.options.get(kind, {})
        own = run.options.get("kinds", {}) if kind == "sections" else {}
        found[kind] = [
            (name, count, mapped.get(name, [""])[0], own.get(name.casefold(), "")) for name, count in found[kind]
        ]
    return found


def _signs(counts: list[tuple[str, int]], harmless: list[str]) -> list[dict[str, object]]:
    """Return the signs of access rules with how many texts have each; first those of fields with several values."""
    values = Counter(without_value(sign) for sign, _count in counts)
    whole: Counter[str] = Counter()
    for sign, count in counts:
        whole[without_value(sign)] += count
    rows = [(name, whole[name], True) for name, number in values.items() if number > 1]
    rows += [(sign, count, False) for sign, count in counts if (sign, count, True) not in rows]
    return [
        {
            "sign": sign,
            "count": count,
            "any_value": any_value,
            "is_harmless": is_harmless(sign, harmless),
            "is_own": sign in harmless,
        }
        for sign, count, any_value in rows[:MAX_SIGNS]
    ]


def _rendered(body: str) -> SafeString:
    """Return a body as readers would get it, without images."""
    content = {"body": clean(body), "required_level": Level.EVERYONE, "pictures": {}}
    rendered = render(content, {})
    return mark_safe(rendered.free_html + rendered.free_notes)  # noqa: S308 - rendered from sanitised HTML


def kinds(found: Content | None) -> list[tuple[str | Promise, int]]:
    """Return what the export contains, by kind and status."""
    counts = found["kinds"] if found else {}
    return [(label, counts[name]) for name, label in KINDS.items() if counts.get(name)]


def counted(counts: Content) -> list[tuple[str | Promise, int]]:
    """Return what was, or would be, written."""
    return [(label, counts[name]) for name, label in COUNTS.items() if counts.get(name)]


def examples_by_code(run: ImportRun, found: Content | None) -> list[JsonObject]:
    """Return each kind of loss with its count and some examples."""
    counts = found["losses"] if found else run.counts.get("losses", {})
    path = run_folder(run) / (jobs.CHECK_REPORT if found else jobs.REPORT)
    return [
        {"code": code, "message": _(message), "count": counts[code], "examples": reports.examples(path, code, EXAMPLES)}
        for code, message in LOSS_MESSAGES.items()
        if counts.get(code)
    ]


def rate_of(run: ImportRun, now: datetime) -> dict[str, object]:
    """Return `done`, `total`, `percent`, and a sentence with the rate and the time left."""
    seconds = (now - run.work_started_at).total_seconds() if run.work_started_at else 0.0
    percent = min(100, 100 * run.done // run.total) if run.total else None
    return {"done": run.done, "total": run.total, "percent": percent, "sentence": _sentence(run, seconds)}


def _sentence(run: ImportRun, seconds: float) -> str:
    if not run.process:
        return _("Waiting for a worker.")
    if not run.total:
        count = {"count": run.done}
        text = ngettext(
            "Reading the files: %(count)d record so far.", "Reading the files: %(count)d records so far.", run.done
        )
        return text % count
    names = {READERS: _("%(done)d of %(total)d rows"), CONTRACTS: _("%(done)d of %(total)d contracts")}
    of = names.get(run.format, _("%(done)d of %(total)d articles and pages"))
    done = of % {"done": run.done, "total": run.total}
    if run.done < 1 or seconds < 1:
        return f"{done}."
    rate = run.done / seconds
    left = timedelta(seconds=round((run.total - run.done) / rate))
    return _("%(done)s, %(rate)s a second, about %(left)s left.") % {
        "done": done,
        "rate": number_format(rate, 0 if rate >= 1 else 1),
        "left": _duration(left),
    }


def _duration(time: timedelta) -> str:
    minutes, seconds = divmod(int(time.total_seconds()), 60)
    if minutes >= 120:
        return _("%(hours)d hours") % {"hours": round(minutes / 60)}
    return _("%(minutes)d min %(seconds)d s") % {"minutes": minutes, "seconds": seconds}
