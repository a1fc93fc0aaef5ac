"""What saving a dossier over a newer version would change in it."""

from collections.abc import Iterable

from django.core.exceptions import ValidationError
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from articles.forms.dossiers import DossierForm, RowForm
from articles.models import Dossier
from articles.revisions.diff import block_diff, word_diff
from articles.revisions.fields import Comparison, Fact
from articles.richtext.short_text import clean_short_text
from truthlytics.web.partial_dates import format_partial_date
from truthlytics.web.types import AdminForm

# Title, text, and what is compared as a whole.
Compared = tuple[str, str, dict[str, str]]


def conflict(form: DossierForm, entries: Iterable[RowForm], articles: Iterable[RowForm]) -> Comparison | None:
    """Compare the saved dossier with the form, if it was saved after the form was opened. Otherwise None."""
    if "seen" not in form.errors or form.instance.pk is None:
        return None
    saved = _saved(Dossier.objects.get(pk=form.instance.pk))
    entered = _entered(form, entries, articles)
    facts = [Fact(label, old, entered[2][label]) for label, old in saved[2].items() if old != entered[2][label]]
    return Comparison(word_diff(saved[0], entered[0]), [], block_diff(saved[1], entered[1]), facts)


def _saved(dossier: Dossier) -> Compared:
    entries = [(row.date, row.text, row.article, row.source) for row in dossier.entries.select_related("article")]
    articles = [row.article for row in dossier.articles.select_related("article")]
    return dossier.title, _text(dossier.summary, entries, articles), _facts(dossier.order, dossier.slug)


def _entered(form: DossierForm, entries: Iterable[RowForm], articles: Iterable[RowForm]) -> Compared:
    rows = [
        (_value(row, "date"), _value(row, "text"), _value(row, "article"), _value(row, "source"))
        for row in _in_order(entries)
    ]
    rows.sort(key=lambda row: str(row[0]))
    text = _text(_value(form, "summary"), rows, [_value(row, "article") for row in _in_order(articles)])
    return _value(form, "title"), text, _facts(_value(form, "order"), _value(form, "slug"))


def _in_order(rows: Iterable[RowForm]) -> list[RowForm]:
    return sorted((row for row in rows if not row.is_blank), key=lambda row: row.cleaned_data.get("position") or 0)


def _value(form: AdminForm, name: str) -> str:
    """Return what was entered in a field, as it was read if it is valid."""
    return form.cleaned_data[name] if name in form.cleaned_data else form[name].value() or ""


def _facts(order: str, slug: str) -> dict[str, str]:
    return {
        pgettext("articles of a dossier", "Order"): str(
            dict(Dossier._meta.get_field("order").flatchoices).get(order, order)
        ),
        _("URL"): slug,
    }


def _text(summary: str, entries: Iterable[tuple[str, str, object, str]], articles: Iterable[object]) -> str:
    timeline = format_html_join("", "<li>{}: {} {} {}</li>", (_line(*entry) for entry in entries))
    names = format_html_join("", "<li>{}</li>", ((article,) for article in articles))
    lists = [(_("Timeline"), timeline), (_("Articles"), names)]
    return clean_short_text(summary) + "".join(_list(heading, rows) for heading, rows in lists if rows)


def _line(date: str, text: str, article: object, source: str) -> tuple[object, ...]:
    try:
        shown = format_partial_date(date)
    except (ValueError, ValidationError):  # not valid yet
        shown = date
    return shown, " ".join(text.split()), article or "", source


def _list(heading: str, rows: SafeString) -> SafeString:
    return format_html("<h2>{}</h2><ul>{}</ul>", heading, rows)
