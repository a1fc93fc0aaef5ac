"""Forms for the menus editor: each link is a row, ordered by number."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.widgets import PlainNumberInput, PlainSelect, PlainTextInput
from articles.models import Dossier, Page, Section, Topic
from articles.presenters.menus import ALL_SECTIONS, PLACES, Item
from truthlytics.web.form_fields import choice_field
from truthlytics.web.generic import BaseFormSet
from truthlytics.web.types import Choices, Content

MAX_TOPICS = 200
SPARE_ROWS = 2
MAX_ROWS = 30
MAX_COLUMNS = 6
WEB = "web:"


def choice_value(item: Item) -> str:
    """Return the value of the target field for `item`. The URL of a web page has a field of its own."""
    return WEB if item["kind"] == "web" else f"{item['kind']}:{item['target']}"


def target_choices(items: Iterable[Item]) -> Choices:
    """Return the link targets to choose from: all of them, but only the first topics and those already in `items`."""
    topic_ids = [item["target"] for item in items if item["kind"] == "topic"]
    topics = {topic.pk: topic for topic in Topic.objects.unmerged().order_by("name")[:MAX_TOPICS]}
    topics |= {topic.pk: topic for topic in (Topic.objects.filter(uuid__in=topic_ids) if topic_ids else ())}
    return [
        ("", _("(none)")),
        (f"{ALL_SECTIONS}:", _("All sections")),
        (_("Sections"), _choices("section", Section.objects.in_masthead())),
        (_("Pages"), _publishable_choices("page", Page.objects.exclude(headline="").order_by("headline"), Page)),
        (_("Dossiers"), _publishable_choices("dossier", Dossier.objects.order_by("title"), Dossier)),
        (_("Topics"), _choices("topic", sorted(topics.values(), key=str))),
        (_("Built-in pages"), [(f"place:{name}", label) for name, (label, _url) in PLACES.items()]),
        (WEB, _("External link")),
    ]


def _choices(kind: str, rows: Iterable[Any]) -> Choices:
    return [(f"{kind}:{row.uuid}", str(row)) for row in rows]


def _publishable_choices(kind: str, rows: Any, model: Any) -> Choices:
    """Return choices for dossiers or pages. Unpublished ones can be linked and are hidden until they are published."""
    public = set(model.objects.published(timezone.now()).values_list("pk", flat=True))
    rows = rows.only("uuid", *(field for field in ("headline", "title") if hasattr(model, field)))
    return [
        (f"{kind}:{row.uuid}", str(row) if row.pk in public else _("%(name)s (not public)") % {"name": row})
        for row in rows
    ]


class ItemForm(forms.Form):
    target = forms.ChoiceField(label=gettext_lazy("Link to"), required=False, widget=PlainSelect)
    label = forms.CharField(label=gettext_lazy("Custom label"), required=False, max_length=60, widget=PlainTextInput)
    url = forms.CharField(label=gettext_lazy("URL"), required=False, max_length=500, widget=PlainTextInput)
    position = forms.IntegerField(
        label=gettext_lazy("Position"), required=False, min_value=0, max_value=999, widget=PlainNumberInput
    )

    def __init__(self, *args: Any, choices: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice_field(self, "target").choices = choices
        self.fields["position"].widget.attrs |= {"inputmode": "numeric"}
        self.fields["label"].widget.attrs |= {"placeholder": _("Default label")}
        self.fields["url"].widget.attrs |= {"placeholder": "https://"}

    def clean_label(self) -> str:
        return " ".join(self.cleaned_data["label"].split())

    def clean(self) -> dict[str, object]:
        data = self.cleaned_data
        target, url = data.get("target", ""), data.get("url", "").strip()
        if not target and url and "target" not in self.errors:
            target = data["target"] = WEB
        if target == WEB:
            if not is_https_url(url):
                self.add_error("url", _("Enter a URL that starts with https://."))
            if not data.get("label"):
                self.add_error("label", _("Enter a label for this link."))
        elif not target and data.get("label") and "target" not in self.errors:
            raise ValidationError(_("Choose a link target or clear the row."))
        return data

    @property
    def item(self) -> dict[str, str] | None:
        """The menu item of this row, or None if the row is empty."""
        data = self.cleaned_data
        kind, _, target = data.get("target", "").partition(":")
        if not kind:
            return None
        return {"kind": kind, "target": data["url"].strip() if kind == "web" else target, "label": data["label"]}


def is_https_url(url: str) -> bool:
    try:
        parts = urlsplit(url)
        return parts.scheme == "https" and bool(parts.hostname) and not any(char.isspace() for char in url)
    except ValueError:
        return False


class BaseItemFormSet(BaseFormSet[Any]):
    def items(self) -> list[dict[str, str]]:
        """Return the items in order of their numbers, unnumbered ones last."""
        rows = [(form.cleaned_data.get("position"), index, form.item) for index, form in enumerate(self.forms)]
        rows.sort(key=lambda row: (row[0] is None, row[0] or 0, row[1]))
        return [item for _, _, item in rows if item]


ItemFormSet = forms.formset_factory(
    ItemForm, formset=BaseItemFormSet, extra=SPARE_ROWS, max_num=MAX_ROWS, absolute_max=MAX_ROWS + SPARE_ROWS
)


class ColumnForm(forms.Form):
    title = forms.CharField(label=gettext_lazy("Title"), required=False, max_length=40, widget=PlainTextInput)
    position = forms.IntegerField(
        label=gettext_lazy("Position of the column"), required=False, min_value=0, max_value=99
    )

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class MenusForm:
    """All menus as one form: the formset `main`, and `columns`, each a title form and a formset."""

    def __init__(self, content: Content, data: Content | None = None) -> None:
        items = [*content["main"], *(item for column in content["columns"] for item in column["items"])]
        self.choices = target_choices(items)
        self.known_values = {value for value, _ in _flatten(self.choices)}
        # Links to targets that no longer exist are dropped; the template reports how many.
        self.gone = sum(choice_value(item) not in self.known_values for item in items)
        self.main = self._formset("main", content["main"], data)
        if data is None:
            columns = list(content["columns"])[:MAX_COLUMNS]
            if len(columns) < MAX_COLUMNS:
                columns.append({"title": "", "items": []})
        else:
            columns = [{"title": "", "items": []} for n in range(MAX_COLUMNS) if f"c{n}-TOTAL_FORMS" in data]
        self.columns = [
            (
                ColumnForm(data, prefix=f"c{n}", initial={"title": column["title"], "position": n + 1}),
                self._formset(f"c{n}", column["items"], data),
            )
            for n, column in enumerate(columns)
        ]

    def _formset(self, prefix: str, items: Iterable[Item], data: Mapping[str, object] | None) -> Any:
        initial = [
            {
                "target": choice_value(item),
                "label": item["label"],
                "position": number,
                "url": item["target"] if item["kind"] == "web" else "",
            }
            for number, item in enumerate((item for item in items if choice_value(item) in self.known_values), start=1)
        ]
        # No initial data for a bound formset: unchanged rows must count as rows as well.
        values = {"initial": initial} if data is None else {"data": data}
        return ItemFormSet(prefix=prefix, form_kwargs={"choices": self.choices}, **values)

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.main, *(form for column in self.columns for form in column))]
        for column, formset in self.columns:
            if column.is_valid() and formset.is_valid() and formset.items() and not column.cleaned_data["title"]:
                column.add_error("title", _("Enter a title for the column."))
                valid.append(False)
        return all(valid)

    def content(self) -> dict[str, object]:
        """Return the menus to save. Columns without links are left out."""
        columns = [
            (column.cleaned_data["position"] is None, column.cleaned_data["position"] or 0, n, column, formset)
            for n, (column, formset) in enumerate(self.columns)
        ]
        columns.sort(key=lambda column: column[:3])
        return {
            "main": self.main.items(),
            "columns": [
                {"title": column.cleaned_data["title"], "items": formset.items()}
                for *_, column, formset in columns
                if formset.items()
            ],
        }


def _flatten(choices: Choices) -> Iterable[tuple[str, str]]:
    for value, label in choices:
        if isinstance(label, list):
            yield from label
        else:
            yield value, label
