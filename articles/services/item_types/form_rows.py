"""Rows named in the editor's form, read without validating the form: autosave compares every state of it."""

from django.db.models import Model
from django.http import QueryDict

from articles.models import Author, Section, Series, Topic
from truthlytics.web.ids import parse_id

MAX_BYLINES = 50


def chosen_row[Row: Model](model: type[Row], key: object) -> Row | None:
    """Return the row with the primary key that a form sent; None if there is none."""
    return model._default_manager.filter(pk=parse_id(key) or 0).first()


def topics_from_form(form: QueryDict) -> list[Topic]:
    """Return the ticked topics once each; a topic merged in the meantime is replaced by the one it was merged into."""
    keys = [key for key in map(parse_id, form.getlist("topics")) if key is not None]
    chosen = Topic.objects.select_related("merged_into").filter(pk__in=keys)
    return list({topic.survivor.pk: topic.survivor for topic in chosen}.values())


def authors_from_form(form: QueryDict) -> list[str]:
    rows = []
    for number in range(min(MAX_BYLINES, parse_id(form.get("bylines-TOTAL_FORMS")) or 0)):
        if author := form.get(f"bylines-{number}-author"):
            rows.append((parse_id(form.get(f"bylines-{number}-position")) or 0, number, author))
    return [author for _, _, author in sorted(rows)]


def uuids_and_names(model: type[Author | Section | Series | Topic], chosen: list[str]) -> list[dict[str, str]]:
    keys = [key for key in map(parse_id, chosen) if key is not None]
    rows = model.objects.only("uuid", "name").in_bulk(keys)
    return [{"uuid": str(rows[key].uuid), "name": rows[key].name} for key in dict.fromkeys(keys) if key in rows]
