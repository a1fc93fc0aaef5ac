"""What editors type into a dossier: its words, dated entries, and the articles that belong to it."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlsplit

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.text import slugify

from articles.forms.articles import Body, Line, OneLine
from articles.models import Article, Dossier, DossierArticle, DossierEntry
from articles.richtext.short_text import SHORT_TEXT_EXTENSIONS
from truthlytics.web.partial_dates import parse_partial_date, format_partial_date
from truthlytics.web.text import strip_control_characters


class PartialDate(forms.CharField):
    """A day, a month or a year, in figures or words."""

    widget = Line

    def to_python(self, value: Any) -> str:
        text = super().to_python(value) or ""
        return parse_partial_date(text) if text else ""

    def prepare_value(self, value: Any) -> Any:
        try:
            return format_partial_date(parse_partial_date(value or ""))
        except ValidationError:
            return value


class ArticleByAddress(forms.Field):
    """An article by the end of its address, or by all of it, pasted. No list of every article has to be read."""

    widget = Line
    default_error_messages = {"unknown": "No article has this address."}

    def to_python(self, value: Any) -> Article | None:
        if not (slug := slug_in(value)):
            return None
        found = Article.objects.filter(slug=slug).only("slug", "headline").first() if len(slug) <= 120 else None
        if found is None:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return found

    def has_changed(self, initial: Any, data: Any) -> bool:
        return slug_in(initial) != slug_in(data)


def slug_in(value: Any) -> str:
    path = urlsplit(strip_control_characters(str(value or "")).strip().split("#")[0].split("?")[0]).path
    return path.strip("/").rsplit("/", 1)[-1]


class DossierForm(forms.ModelForm):
    slug = forms.SlugField(
        label="Address", required=False, max_length=120, help_text="Left empty it is made from the title."
    )
    # As what the dossier was opened: a save over a newer one is asked for twice.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Dossier
        fields = ["title", "summary", "order", "slug"]
        widgets = {
            "title": OneLine(attrs={"rows": 1, "placeholder": "Title", "data-grow": ""}),
            "summary": Body(config={"extensions": SHORT_TEXT_EXTENSIONS}, preset="configurable", attrs={"rows": 8}),
        }
        error_messages = {"title": {"required": "Give it a title."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = str(self.instance.updated_at)
        if "slug" in self.fields and self.instance.pk and self.instance.versions.exists():
            self.fields["slug"].disabled = True
            self.fields["slug"].help_text = "It has been published under this address, and keeps it."

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data["seen"]
        if self.instance.pk and seen and seen != self.initial["seen"]:
            self.data = dict(self.data.items()) | {self.add_prefix("seen"): self.initial["seen"]}
            at = timezone.localtime(self.instance.updated_at)
            raise ValidationError(
                f"A newer text was saved at {at:%H:%M}, after you opened this one. Yours stands below, not saved. "
                "Open the dossier in another window to look at the newer. Save again, and yours takes its place."
            )
        return seen

    def clean_slug(self) -> str:
        slug = self.cleaned_data["slug"]
        return slug or free_slug(self.cleaned_data.get("title", ""), self.instance.pk)


def free_slug(title: str, pk: int | None) -> str:
    """An address made of `title` that no other dossier has: `title`, `title-2`, `title-3` …"""
    base = slugify(title)[:100].strip("-") or "dossier"
    taken = set(Dossier.objects.exclude(pk=pk or 0).filter(slug__startswith=base).values_list("slug", flat=True))
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return slug


class RowForm(forms.ModelForm):
    """A row of a list. Emptied it goes; a spare one that stays empty is none."""

    says: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.article_id is not None:
            self.initial["article"] = self.instance.article.slug

    @property
    def emptied(self) -> bool:
        return not any(str(self[name].value() or "").strip() for name in self.says)

    def has_changed(self) -> bool:
        return super().has_changed() and not (self.instance.pk is None and self.emptied)

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


class EntryForm(RowForm):
    says = ("date", "text", "article", "source")
    date = PartialDate(label="When", max_length=40, error_messages={"required": "Say when it was."})
    article = ArticleByAddress(required=False)
    source = forms.URLField(required=False, max_length=500, assume_scheme="https", widget=Line)
    position = forms.IntegerField(required=False, min_value=0, max_value=999)

    class Meta:
        model = DossierEntry
        fields = ["date", "text", "article", "source", "position"]
        widgets = {"text": OneLine(attrs={"rows": 2})}
        error_messages = {"text": {"required": "Say what happened, in a sentence or two."}}

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        if source and not source.startswith(("http:", "https:")):
            raise ValidationError("A source is a page of the web: its address begins with https.")
        return source


class PieceForm(RowForm):
    says = ("article",)
    article = ArticleByAddress()
    position = forms.IntegerField(required=False, min_value=0, max_value=999)

    class Meta:
        model = DossierArticle
        fields = ["article", "position"]


class RowFormSet(forms.BaseInlineFormSet):
    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        if index is not None and index < self.initial_form_count():
            form.initial["position"] = index + 1

    def _should_delete_form(self, form: Any) -> Any:
        return form.instance.pk is not None and form.emptied

    def in_order(self) -> list[Any]:
        """The rows that stay, by what they are sorted by and then by their numbers; of equal ones the upper first."""
        rows = [form for form in self.forms if form.instance.pk and not self._should_delete_form(form)]
        rows.sort(key=lambda row: row.cleaned_data.get("position") or 0)
        return sorted((row.instance for row in rows), key=lambda row: getattr(row, "date", ""))

    def get_unique_error_message(self, unique_check: Any) -> str:
        return "An article stands in this list twice."

    def get_form_error(self) -> str:
        return "This article stands above already."
