"""What editors arrange: the links of a menu, each a row, ordered by number."""

from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles.forms.articles import Line
from articles.models import Dossier, Page, Section, Topic
from articles.presenters.menus import ALL_SECTIONS, PLACES, Content, Item

TOPICS = 200
SPARE_ROWS = 2
MOST_ROWS = 30
MOST_COLUMNS = 6
WEB = "web:"
Choices = list[tuple[str, Any]]


def value_of(item: Item) -> str:
    """What the choice of a row is called; a page of the web has its address in a box of its own."""
    return WEB if item["kind"] == "web" else f"{item['kind']}:{item['target']}"


def choices(chosen: Iterable[Item]) -> Choices:
    """Where a link may lead. Of topics the first by name, and those of `chosen`."""
    named = [item["target"] for item in chosen if item["kind"] == "topic"]
    topics = {topic.pk: topic for topic in Topic.objects.standing().order_by("name")[:TOPICS]}
    topics |= {topic.pk: topic for topic in (Topic.objects.filter(uuid__in=named) if named else ())}
    return [
        ("", "Nowhere: leave this row out"),
        (f"{ALL_SECTIONS}:", "All sections, in their order"),
        ("Sections", _named("section", Section.objects.in_masthead())),
        ("Pages", _standing("page", Page.objects.exclude(headline="").order_by("headline"), Page)),
        ("Dossiers", _standing("dossier", Dossier.objects.order_by("title"), Dossier)),
        ("Topics", _named("topic", sorted(topics.values(), key=str))),
        ("Places of the site", [(f"place:{name}", label) for name, (label, _) in PLACES.items()]),
        (WEB, "A page of the web"),
    ]


def _named(kind: str, rows: Iterable[Any]) -> Choices:
    return [(f"{kind}:{row.uuid}", str(row)) for row in rows]


def _standing(kind: str, rows: Any, model: Any) -> Choices:
    """What readers cannot see yet, or not any more, can be chosen: it stands in the menu as long as they can."""
    public = set(model.objects.published(timezone.now()).values_list("pk", flat=True))
    found = rows.only("uuid", *(field for field in ("headline", "title") if hasattr(model, field)))
    return [(f"{kind}:{row.uuid}", f"{row}{'' if row.pk in public else ' (not public)'}") for row in found]


class ItemForm(forms.Form):
    target = forms.ChoiceField(label="Leads to", required=False)
    label = forms.CharField(label="Called", required=False, max_length=60, widget=Line)
    url = forms.CharField(label="Address", required=False, max_length=500, widget=Line)
    position = forms.IntegerField(label="Place", required=False, min_value=0, max_value=999)

    def __init__(self, *args: Any, offered: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["target"].choices = offered  # type: ignore[attr-defined]
        self.fields["position"].widget.attrs |= {"inputmode": "numeric"}
        self.fields["label"].widget.attrs |= {"placeholder": "as it is called"}
        self.fields["url"].widget.attrs |= {"placeholder": "https://"}

    def clean_label(self) -> str:
        return " ".join(self.cleaned_data["label"].split())

    def clean(self) -> dict[str, Any]:
        data = self.cleaned_data
        target, url = data.get("target", ""), data.get("url", "").strip()
        if not target and url and "target" not in self.errors:
            target = data["target"] = WEB
        if target == WEB:
            if not is_of_the_web(url):
                self.add_error("url", "Write an address that begins with https://.")
            if not data.get("label"):
                self.add_error("label", "Say what this page is called.")
        elif not target and data.get("label") and "target" not in self.errors:
            raise ValidationError("Say where it leads, or empty the row.")
        return data

    @property
    def item(self) -> dict[str, str] | None:
        """The link of this row; None where it was left out."""
        data = self.cleaned_data
        kind, _, target = data.get("target", "").partition(":")
        if not kind:
            return None
        return {"kind": kind, "target": data["url"].strip() if kind == "web" else target, "label": data["label"]}


def is_of_the_web(address: str) -> bool:
    try:
        parts = urlsplit(address)
        return parts.scheme == "https" and bool(parts.hostname) and not any(one.isspace() for one in address)
    except ValueError:
        return False


class ItemFormSet(forms.BaseFormSet):
    def items(self) -> list[dict[str, str]]:
        """The links by their numbers; of equal ones the upper first, and those without a number last."""
        rows = [(form.cleaned_data.get("position"), number, form.item) for number, form in enumerate(self.forms)]
        rows.sort(key=lambda row: (row[0] is None, row[0] or 0, row[1]))
        return [item for _, _, item in rows if item]


Rows = forms.formset_factory(
    ItemForm, formset=ItemFormSet, extra=SPARE_ROWS, max_num=MOST_ROWS, absolute_max=MOST_ROWS + SPARE_ROWS
)


class ColumnForm(forms.Form):
    title = forms.CharField(label="Title", required=False, max_length=40, widget=Line)
    position = forms.IntegerField(label="Place of the column", required=False, min_value=0, max_value=99)

    def clean_title(self) -> str:
        return " ".join(self.cleaned_data["title"].split())


class MenusForm:
    """All menus in one: `main` are its rows, `columns` a title and rows each. Bound where `data` is what was sent."""

    def __init__(self, content: Content, data: Mapping[str, Any] | None = None) -> None:
        stored = [*content["main"], *(item for column in content["columns"] for item in column["items"])]
        self.offered = choices(stored)
        self.known = {value for value, _ in _flat(self.offered)}
        # What leads to nothing any more is not offered again.
        self.gone = sum(value_of(item) not in self.known for item in stored)
        self.main = self._rows("main", content["main"], data)
        columns = list(content["columns"])[:MOST_COLUMNS]
        spare = [{"title": "", "items": []}] if len(columns) < MOST_COLUMNS else []
        if data is not None:
            columns, spare = (
                [{"title": "", "items": []} for n in range(MOST_COLUMNS) if f"c{n}-TOTAL_FORMS" in data],
                [],
            )
        self.columns = [
            (
                ColumnForm(data, prefix=f"c{n}", initial={"title": column["title"], "position": n + 1}),
                self._rows(f"c{n}", column["items"], data),
            )
            for n, column in enumerate([*columns, *spare])
        ]

    def _rows(self, prefix: str, items: Iterable[Item], data: Mapping[str, Any] | None) -> Any:
        initial = [
            {
                "target": value_of(item), "label": item["label"], "position": number,
                "url": item["target"] if item["kind"] == "web" else "",
            }
            for number, item in enumerate((item for item in items if value_of(item) in self.known), start=1)
        ]  # fmt: skip
        # What was sent is all there is: a row that is as it was is a row too.
        given = {"initial": initial} if data is None else {"data": data}
        return Rows(prefix=prefix, form_kwargs={"offered": self.offered}, **given)

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in (self.main, *(one for column in self.columns for one in column))]
        for form, rows in self.columns:
            if form.is_valid() and rows.is_valid() and rows.items() and not form.cleaned_data["title"]:
                form.add_error("title", "Give the column a title.")
                valid.append(False)
        return all(valid)

    def content(self) -> dict[str, Any]:
        """What is to be saved; a column without a link goes."""
        columns = [
            (form.cleaned_data["position"] is None, form.cleaned_data["position"] or 0, n, form, rows)
            for n, (form, rows) in enumerate(self.columns)
        ]
        columns.sort(key=lambda column: column[:3])
        return {
            "main": self.main.items(),
            "columns": [
                {"title": form.cleaned_data["title"], "items": rows.items()}
                for *_, form, rows in columns
                if rows.items()
            ],
        }


def _flat(offered: Choices) -> Iterable[tuple[str, str]]:
    for value, label in offered:
        if isinstance(label, list):
            yield from label
        else:
            yield value, label
