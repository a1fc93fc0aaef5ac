"""Forms for a dossier, its dated entries and its articles."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.article_by_url import ArticleByUrl
from articles.forms.articles import OrderedFormSet, OrderedRowForm, chosen_slug
from articles.forms.widgets import BodyEditor, CleanTextInput, PartialDateField, SingleLineTextarea, mark_language
from articles.models import Dossier, DossierArticle, DossierEntry
from articles.richtext.short_text import SHORT_TEXT_EXTENSIONS
from truthlytics.web.generic import ModelForm


class DossierForm(ModelForm[Dossier]):
    slug = forms.SlugField(
        label=gettext_lazy("URL"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Leave blank to use the title."),
    )
    # When the dossier was last saved before this form was opened. Saving over a newer one needs a second submit.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Dossier
        fields = ["title", "summary", "order", "slug"]
        widgets = {
            "title": SingleLineTextarea(attrs={"rows": 1, "placeholder": gettext_lazy("Title"), "data-grow": ""}),
            "summary": BodyEditor(
                config={"extensions": SHORT_TEXT_EXTENSIONS}, preset="configurable", attrs={"rows": 8}
            ),
        }
        error_messages = {"title": {"required": gettext_lazy("Enter a title.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial["seen"] = str(self.instance.updated_at)
        mark_language(self, "")
        if "slug" in self.fields and self.instance.url_is_public:
            self.fields["slug"].help_text = _("A new URL applies as soon as you save. The old one redirects to it.")

    def clean_seen(self) -> str:
        seen: str = self.cleaned_data["seen"]
        if self.instance.pk and seen and seen != self.initial["seen"]:
            self.data = dict(self.data.items()) | {self.add_prefix("seen"): self.initial["seen"]}
            at = timezone.localtime(self.instance.updated_at)
            raise ValidationError(
                _(
                    "A newer version was saved at %(at)s, after you opened this one. Your changes are below and not "
                    "saved yet. The comparison shows what saving again would change in the newer version."
                )
                % {"at": time_format(at, "H:i")}
            )
        return seen

    def clean_slug(self) -> str:
        return chosen_slug(self.instance, self.cleaned_data["slug"], self.cleaned_data.get("title", ""))


class RowForm(OrderedRowForm):
    # The fields that are all empty in a blank row.
    content_fields: Sequence[str] = ()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The script turns the field into a search by headline.
        self.fields["article"].widget.attrs |= {"data-article-picker": "", "list": "articles"}
        if self.instance.article_id is not None:
            self.initial["article"] = self.instance.article.slug
            self.fields["article"].widget.attrs |= {
                "data-slug": self.instance.article.slug,
                "data-headline": str(self.instance.article),
            }

    @property
    def is_blank(self) -> bool:
        return not any(str(self[name].value() or "").strip() for name in self.content_fields)

    @property
    def is_spare(self) -> bool:
        """Whether the row was offered blank and is still blank."""
        return self.instance.pk is None and not self.has_changed()


class EntryForm(RowForm):
    content_fields = ("date", "text", "article", "source")
    date = PartialDateField(
        label=gettext_lazy("When"), max_length=40, error_messages={"required": gettext_lazy("Enter a date.")}
    )
    article = ArticleByUrl(required=False)
    source = forms.URLField(required=False, max_length=500, assume_scheme="https", widget=CleanTextInput)
    position = forms.IntegerField(required=False, min_value=0, max_value=999)

    class Meta:
        model = DossierEntry
        fields = ["date", "text", "article", "source", "position"]
        widgets = {"text": SingleLineTextarea(attrs={"rows": 2})}
        error_messages = {"text": {"required": gettext_lazy("Describe what happened, in one or two sentences.")}}

    def clean_source(self) -> str:
        source: str = self.cleaned_data["source"]
        if source and not source.startswith(("http:", "https:")):
            raise ValidationError(_("Enter a web URL that starts with https."))
        return source


class DossierArticleForm(RowForm):
    content_fields = ("article",)
    article = ArticleByUrl()
    position = forms.IntegerField(required=False, min_value=0, max_value=999)

    class Meta:
        model = DossierArticle
        fields = ["article", "position"]


class RowFormSet(OrderedFormSet):
    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        if index is not None and index < self.initial_form_count():
            form.initial["position"] = index + 1

    def in_order(self) -> list[Any]:
        """Return the rows that stay, by date (if they have one), then by position."""
        return sorted(super().in_order(), key=lambda row: getattr(row, "date", ""))

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return _("An article is listed twice.")

    def get_form_error(self) -> str:
        return _("This article is already listed above.")
