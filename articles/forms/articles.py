"""Forms of the editor: articles, their bylines and their publication."""

from collections.abc import Sequence
from typing import Any, cast

from django import forms
from django.conf.locale import LANG_INFO
from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms.formsets import DELETION_FIELD_NAME
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.checks import Finding
from articles.forms.choices import ImageChoice, RecordingChoice, TopicsField
from articles.forms.responsibility import AIChoices, AIUsesField, sentence_widget
from articles.forms.schedule import NOTE_LENGTH, ChangeKindForm, NowOrLaterForm
from articles.forms.translations import LanguageField, TranslationOfField, validate_translation
from articles.forms.widgets import BodyEditor, CleanTextInput, SingleLineTextarea, mark_language
from articles.models import Article, Author, Byline, ErrorReport, Redirect, Topic, translations
from articles.models.articles import SINGLE_LINE_FIELDS, TEXT_FIELDS
from articles.models.how_we_know import AI_SENTENCES, HOW_WE_KNOW
from articles.models.redirects import TARGETS
from articles.richtext.vocabulary import ARTICLE_EXTENSIONS
from truthlytics.publication import get_publication
from truthlytics.publication.slugs import make_slug, numbered
from truthlytics.web.form_fields import choice_field
from truthlytics.web.generic import BaseInlineFormSet, ModelChoiceField, ModelForm, ModelMultipleChoiceField
from truthlytics.web.text import split_words
from truthlytics.web.types import CleanedData


def path_of(slug: str, model: type[Model]) -> str:
    """Return the path of the URL with this slug, as redirects store it."""
    return Redirect.normalise(reverse(f"articles:{model._meta.model_name}", args=[slug]))


def free_slug(text: str, pk: int | None = None, model: Any = Article, language: str = "") -> str:
    """Return a slug made of `text` that no other row of `model` has or had: `text`, `text-2`, `text-3` …

    `language` is that of the text, "" for the publication's.
    """
    name = model._meta.model_name
    # Leave space for a number.
    limit = min(100, model._meta.get_field("slug").max_length - 5)
    base = make_slug(text, language)[:limit].strip("-") or name
    others = model.objects.exclude(pk=pk or 0)
    taken = set(others.filter(slug__startswith=base).values_list("slug", flat=True))
    if hasattr(model, "redirects"):
        old = Redirect.objects.exclude(**{name: pk or 0}).filter(query="", path__startswith=path_of(base, model))
        taken |= {path.rsplit("/", 1)[-1] for path in old.values_list("path", flat=True)}
    return numbered(base, taken)


def chosen_slug(item: Any, slug: str, headline: str, language: str = "") -> str:
    """Return `slug`, or one made of `headline` if it is empty. Raises ValidationError if its URL redirects.

    `language` is that of the headline, "" for the publication's.
    """
    model = type(item)
    if not slug:
        # Blanking the box must not change a URL that readers know.
        return str(item.slug) if item.url_is_public else free_slug(headline, item.pk, model, language)
    redirects = Redirect.objects.filter(path=path_of(slug, model), query="").select_related(*TARGETS)
    if redirect := redirects.exclude(**{model._meta.model_name or "": item.pk or 0}).first():
        raise ValidationError(
            _("This URL redirects to “%(target)s”. Choose a different one.") % {"target": redirect.target}
        )
    return slug


class EditorForm(ModelForm[Any]):
    """Base form for what is written in the editor: a slug, and the revision that the fields started from."""

    slug = forms.SlugField(
        label=gettext_lazy("URL"),
        required=False,
        max_length=120,
        help_text=gettext_lazy("Leave blank to use the headline."),
    )
    # Identifies a new item before it has a row, so that a double click creates only one.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # The number of the revision that these fields started from.
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("based_on", self.instance.revision_number)
        if self.instance.is_placeholder:
            self.initial["slug"] = ""
        language = str(self["language"].value() or "") if "language" in self.fields else ""
        # Another code is refused below, with this form.
        known = language if language in LANG_INFO else ""
        mark_language(self, known, leave_out=("slug", "translation_of"))

    def clean(self) -> dict[str, object]:
        data: dict[str, object] = super().clean() or self.cleaned_data
        for name in {"key", "based_on"} & self.errors.keys():  # hidden, so the user could not correct them
            del self.errors[name]
        return data

    def clean_slug(self) -> str:
        data = self.cleaned_data
        return chosen_slug(self.instance, data["slug"], data.get("headline", ""), data.get("language", ""))


class ArticleForm(AIChoices, EditorForm):
    lead = ImageChoice(label=gettext_lazy("Lead image"), required=False)
    social_image = ImageChoice(label=gettext_lazy("Image for shared links"), required=False)
    audio = RecordingChoice(label=gettext_lazy("Audio version"), required=False)
    language = LanguageField()
    ai_uses = AIUsesField()
    translation_of = TranslationOfField()

    class Meta:
        model = Article
        fields = TEXT_FIELDS + split_words(
            "kind section topics series series_part required_level lead audio social_image language ai_uses slug"
        )
        widgets = {
            **dict.fromkeys(SINGLE_LINE_FIELDS, CleanTextInput),
            "headline": SingleLineTextarea(attrs={"rows": 1, "placeholder": gettext_lazy("Headline"), "data-grow": ""}),
            "standfirst": SingleLineTextarea(
                attrs={
                    "rows": 2,
                    "placeholder": gettext_lazy("Standfirst: the story in one or two sentences"),
                    "data-grow": "",
                }
            ),
            "body": BodyEditor(config={"extensions": ARTICLE_EXTENSIONS}, preset="configurable", attrs={"rows": 24}),
            "topics": forms.CheckboxSelectMultiple,
            "lead_caption": SingleLineTextarea(attrs={"rows": 2}),
            "seo_description": SingleLineTextarea(attrs={"rows": 3}),
            **{name: SingleLineTextarea(attrs={"rows": 2, "data-grow": ""}) for name in HOW_WE_KNOW},
            **{name: sentence_widget({"data-grow": ""}) for name in AI_SENTENCES},
        }
        field_classes = {"topics": TopicsField}
        error_messages = {"headline": {"required": gettext_lazy("Enter a headline. You can change it later.")}}

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)
        if "topics" in self.fields:
            cast(ModelMultipleChoiceField[Topic], self.fields["topics"]).queryset = Topic.objects.unmerged()
            self.initial["topics"] = [topic.survivor for topic in self.initial.get("topics") or ()]
        for name in {"lead", "social_image", "audio"} & self.fields.keys():
            cast(ImageChoice | RecordingChoice, self.fields[name]).offer(self[name].value())
        if self.instance.pk and (original := translations.original_of(self.instance)):
            self.initial["translation_of"] = original.get_absolute_url()
        for name, label in {"section": _("Choose a section"), "series": _("None")}.items():
            if name in self.fields:
                cast(ModelChoiceField[Any], self.fields[name]).empty_label = label

    def clean(self) -> dict[str, object]:
        data = super().clean()
        self._set_series_part(data)
        self._set_translation(data)
        return data

    def _set_translation(self, data: CleanedData) -> None:
        """Put the article into the group of the one that it translates. A language of its own is stored only if set."""
        if "translation_of" not in data or "language" not in data:
            return
        if data["language"] == get_publication().language:
            data["language"] = ""
        original = data["translation_of"]
        validate_translation(self.instance, original=original, language=data["language"])
        translations.set_original(self.instance, original)

    def _set_series_part(self, data: CleanedData) -> None:
        """Drop the part if there is no series; without a number, use the next part."""
        series = data.get("series")
        if series is None:
            data["series_part"] = None
        elif data.get("series_part") is None and "series_part" not in self.errors:
            data["series_part"] = series.next_part()


class OrderedFormSet(BaseInlineFormSet[Any, Any, Any]):
    """Inline rows that are each an `OrderedRowForm`."""

    def in_order(self) -> list[Any]:
        """Return the rows that stay, by position; of equal positions, in the order of the form."""
        rows = [form for form in self.forms if form.instance.pk and form not in self.deleted_forms]
        return [row.instance for row in sorted(rows, key=lambda row: row.cleaned_data.get("position") or 0)]

    def save_order(self) -> None:
        """Number the rows 1, 2, 3 …"""
        for position, row in enumerate(self.in_order(), start=1):
            type(row).objects.filter(pk=row.pk).exclude(position=position).update(position=position)


class OrderedRowForm(ModelForm[Any]):
    """A row of an `OrderedFormSet`. A blanked row is deleted, and a new row that stays blank is ignored."""

    @property
    def is_blank(self) -> bool:
        raise NotImplementedError

    def has_changed(self) -> bool:
        return super().has_changed() and not (self.instance.pk is None and self.is_blank)

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0

    def clean(self) -> dict[str, object]:
        super().clean()
        return self.cleaned_data | {DELETION_FIELD_NAME: self.instance.pk is not None and self.is_blank}


class BylineForm(OrderedRowForm):
    class Meta:
        model = Byline
        fields = ["author", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].required = False
        self.fields["position"].required = False

    @property
    def is_blank(self) -> bool:
        return not self["author"].value()

    def clean_author(self) -> object:
        """Keep the author of a row that is deleted, for the log."""
        if self.is_blank and self.instance.pk is not None:
            return self.instance.author
        return self.cleaned_data["author"]


class BylineFormSet(OrderedFormSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # One query instead of one per row.
        self.authors = [("", _("None")), *Author.objects.labels().items()]

    def add_fields(self, form: forms.BaseForm, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["author"].widget.choices = self.authors
        if index is not None:  # blank rows come after the existing ones
            form.initial["position"] = index + 1

    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return _("An author is in the byline twice.")

    def get_form_error(self) -> str:
        return _("This author is already listed above.")


class PublishForm(ChangeKindForm, NowOrLaterForm):
    """When to publish a version, and its note for readers. `last` is the newest version that the user has seen.

    A correction may close `reports`: errors that readers have reported. Each check of `left_open`, which has failed,
    is ticked to publish without it.
    """

    without = forms.MultipleChoiceField(
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("Checks that failed"),
        error_messages={"required": gettext_lazy("Tick each check that you want to publish without.")},
    )
    reports = forms.TypedMultipleChoiceField(
        coerce=int, required=False, widget=forms.CheckboxSelectMultiple, label=gettext_lazy("Closes these reports")
    )
    credit = forms.CharField(
        required=False,
        max_length=200,
        label=gettext_lazy("Credit to the reader, after the note"),
        help_text=gettext_lazy("Credit readers who agreed to be named. Leave blank to name nobody."),
        widget=SingleLineTextarea(attrs={"rows": 1}),
    )
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    # The number of the revision that the user has seen.
    revision = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)

    def __init__(
        self, *args: Any, reports: Sequence[ErrorReport] = (), left_open: Sequence[Finding] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.left_open = left_open
        if not left_open:
            del self.fields["without"]
        else:
            choice_field(self, "without").choices = [
                (finding.check, _("Publish without the check “%(check)s”") % {"check": finding.check})
                for finding in left_open
            ]
        if not reports:
            del self.fields["reports"], self.fields["credit"]
        else:
            labels = [(report.pk, Truncator(report.text).chars(120)) for report in reports]
            choice_field(self, "reports").choices = labels

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if len(self.public_note) > NOTE_LENGTH:
            self.add_error("credit", _("Together with the note, use at most %d characters.") % NOTE_LENGTH)
        return data

    def clean_without(self) -> list[str]:
        """Require every check that failed."""
        chosen: list[str] = self.cleaned_data["without"]
        if {finding.check for finding in self.left_open} - set(chosen):
            raise ValidationError(self.fields["without"].error_messages["required"])
        return chosen

    @property
    def public_note(self) -> str:
        """The note, followed by the thanks to readers if their reports are closed."""
        data = self.cleaned_data
        note, credit = data.get("note") or "", data.get("credit") or ""
        return f"{note} {credit}" if note and credit and data.get("reports") else note
