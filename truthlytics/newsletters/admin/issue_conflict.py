"""What saving an issue over another version, saved after the form was opened, would change in it."""

from collections.abc import Collection, Iterable, Mapping
from hashlib import sha256
from json import dumps

from django.forms import BaseFormSet
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _

from articles.forms.dossiers import RowForm
from articles.revisions.diff import block_diff, word_diff
from articles.revisions.fields import Comparison
from articles.richtext.short_text import clean_letter
from truthlytics.newsletters.models import Issue
from truthlytics.web.ids import parse_id
from truthlytics.web.types import AdminForm


def fingerprint(issue: Issue) -> str:
    """Return a digest of what editors write and choose, which is another one after each change."""
    articles = [*issue.articles.values_list("article", "position", "sentence")]
    return sha256(dumps([issue.subject, issue.preview_text, issue.body, articles]).encode()).hexdigest()


def with_new_rows(data: Mapping[str, str], prefix: str, stored: Collection[int]) -> Mapping[str, str]:
    """Return the data of a formset, in which rows that another version deleted are new, so that they can be saved.

    `stored` has the ids of all rows.
    """
    total, initial = (parse_id(data.get(f"{prefix}-{name}_FORMS")) or 0 for name in ("TOTAL", "INITIAL"))
    ids = [parse_id(data.get(f"{prefix}-{index}-id")) for index in range(min(initial, len(data)))]
    gone = [index for index, pk in enumerate(ids) if pk not in stored]
    if not gone or total > len(data):
        return data
    # Formsets take the first rows for stored ones.
    order = [*(index for index in range(len(ids)) if index not in gone), *gone, *range(len(ids), total)]
    moved = dict(data.items()) | {f"{prefix}-INITIAL_FORMS": str(len(ids) - len(gone))}
    for place, index in enumerate(order):
        for name in ("id", "article", "position", "sentence"):
            moved[f"{prefix}-{place}-{name}"] = data.get(f"{prefix}-{index}-{name}", "")
        if index in gone:
            moved[f"{prefix}-{place}-id"] = ""
    return moved


def conflict(form: AdminForm, formsets: Iterable["BaseFormSet[RowForm]"]) -> Comparison | None:
    """Compare the stored issue with what was entered, if another version was saved meanwhile. Otherwise None."""
    if "seen" not in form.errors:
        return None
    stored = Issue.objects.get(pk=form.instance.pk)
    rows = stored.articles.select_related("article")
    old = _text(stored.body, [(row.article, row.sentence) for row in rows] if stored.kind == Issue.Kind.DIGEST else [])
    new = _text(
        _value(form, "body"),
        [(_value(row, "article"), _value(row, "sentence")) for formset in formsets for row in _in_order(formset)],
    )
    return Comparison(
        word_diff(stored.subject, _value(form, "subject")),
        word_diff(stored.preview_text, _value(form, "preview_text")),
        block_diff(old, new),
        [],
    )


def _in_order(formset: "BaseFormSet[RowForm]") -> list[RowForm]:
    rows = (row for row in formset.forms if not row.is_blank)
    return sorted(rows, key=lambda row: row.cleaned_data.get("position") or 0)


def _value(form: AdminForm, name: str) -> str:
    """Return what was entered in a field, as it was read if it is valid."""
    return form.cleaned_data[name] if name in form.cleaned_data else form[name].value() or ""


def _text(body: str, articles: list[tuple[object, str]]) -> str:
    """Return the text and the list of articles, each with the sentence about it, as one text."""
    items = format_html_join("", "<li>{} {}</li>", articles)
    listed = format_html("<h2>{}</h2><ul>{}</ul>", _("Articles"), items) if articles else ""
    return clean_letter(body) + listed
