"""What editors type: an article, its publication, a picture. Nothing that was typed is lost to a mistake."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.text import slugify
from django_prose_editor.widgets import ProseEditorWidget

from articles.forms.choices import RecordingChoice, TopicsField
from articles.forms.schedule import NowOrLaterForm
from articles.models import Article, Author, Byline, Image, Redirect, Topic
from articles.richtext.vocabulary import ARTICLE_EXTENSIONS
from truthlytics.web.ids import parse_id
from truthlytics.web.text import strip_control_characters

LATEST_PICTURES = 100


def address_of(slug: str, kind: Any = Article) -> str:
    return Redirect.normal(reverse(f"articles:{kind._meta.model_name}", args=[slug]))


def free_slug(text: str, pk: int | None = None, kind: Any = Article) -> str:
    """An address made of `text` that no other article (or page: `kind` is the model) has, nor had before: `text`,
    `text-2`, `text-3` …
    """
    name = kind._meta.model_name
    base = slugify(text)[:100].strip("-") or name
    others = kind.objects.exclude(pk=pk or 0)
    taken = set(others.filter(slug__startswith=base).values_list("slug", flat=True))
    old = Redirect.objects.exclude(**{name: pk or 0}).filter(path__startswith=address_of(base, kind))
    taken |= {path.rsplit("/", 1)[-1] for path in old.values_list("path", flat=True)}
    slug, number = base, 2
    while slug in taken:
        slug, number = f"{base}-{number}", number + 1
    return str(slug)


class Tidy:
    """What people paste holds control characters that no database keeps; they are dropped, not refused."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)  # type: ignore[misc]
        return strip_control_characters(value) if isinstance(value, str) else value


class Line(Tidy, forms.TextInput):
    pass


class OneLine(Tidy, forms.Textarea):
    """A line that grows instead of scrolling: the breaks that the browser lets in are taken out again."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        value = super().value_from_datadict(data, files, name)
        return " ".join(value.split()) if isinstance(value, str) else value


class Lines(Tidy, forms.Textarea):
    pass


class Body(Tidy, ProseEditorWidget):
    """The editor itself: the admin's own widget brings a sheet of rules that nothing can overrule."""


class PictureChoice(forms.ModelChoiceField):
    """Any picture of the library; without script the newest and the chosen one are offered."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(Image.objects.all(), **kwargs)

    def offer(self, chosen: Any) -> None:
        newest = list(Image.objects.order_by("-uploaded_at", "-pk")[:LATEST_PICTURES])
        if (pk := parse_id(chosen)) is not None and not any(image.pk == pk for image in newest):
            newest += Image.objects.filter(pk=pk)
        self.choices = [("", "No picture"), *((image.pk, str(image)) for image in newest)]


class DeskForm(forms.ModelForm):
    """What is written on the desk, with an address and the edition that the fields began with."""

    slug = forms.SlugField(
        label="Address", required=False, max_length=120, help_text="Left empty it is made from the headline."
    )
    # Names what is new before it has a row, so that a double click makes one of it.
    key = forms.UUIDField(required=False, widget=forms.HiddenInput)
    # The edition that these fields began with; whoever saves them is told of a newer one.
    based_on = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.setdefault("based_on", self.instance.edition)
        if self.instance.begun_only:
            self.initial["slug"] = ""

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in {"key", "based_on"} & self.errors.keys():  # nobody typed them, so nobody can mend them
            del self.errors[name]
        return data

    def clean_slug(self) -> Any:
        slug, kind = self.cleaned_data["slug"], type(self.instance)
        if not slug:
            # Once it has been public an address is not given up by emptying a box.
            if self.keeps_address():
                return self.instance.slug
            return free_slug(self.cleaned_data.get("headline", ""), self.instance.pk, kind)
        led = Redirect.objects.filter(path=address_of(slug, kind)).select_related("article", "page")
        if taken := led.exclude(**{kind._meta.model_name or "": self.instance.pk or 0}).first():
            raise ValidationError(f"This address still leads readers to “{taken.target}”. Choose another.")
        return slug

    def keeps_address(self) -> bool:
        """Whether readers know its address."""
        raise NotImplementedError


class ArticleForm(DeskForm):
    lead = PictureChoice(label="Lead picture", required=False)
    audio = RecordingChoice(label="Read aloud", required=False)

    class Meta:
        model = Article
        fields = [
            "headline", "standfirst", "body", "kind", "section", "topics", "series", "series_part", "required_level",
            "lead", "lead_caption", "audio", "slug", "seo_title", "seo_description",
        ]  # fmt: skip
        widgets = {
            "headline": OneLine(attrs={"rows": 1, "placeholder": "Headline", "data-grow": ""}),
            "standfirst": OneLine(
                attrs={
                    "rows": 2,
                    "placeholder": "Standfirst: what the reader learns, in a sentence or two",
                    "data-grow": "",
                }
            ),
            "body": Body(config={"extensions": ARTICLE_EXTENSIONS}, preset="configurable", attrs={"rows": 24}),
            "topics": forms.CheckboxSelectMultiple,
            "lead_caption": OneLine(attrs={"rows": 2}),
            "seo_title": Line,
            "seo_description": OneLine(attrs={"rows": 3}),
        }
        field_classes = {"topics": TopicsField}
        error_messages = {"headline": {"required": "Give it a headline, if only for now."}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "topics" in self.fields:
            cast(forms.ModelMultipleChoiceField, self.fields["topics"]).queryset = Topic.objects.standing()
            self.initial["topics"] = [topic.survivor for topic in self.initial.get("topics") or ()]
        for name in {"lead", "audio"} & self.fields.keys():
            cast(PictureChoice | RecordingChoice, self.fields[name]).offer(self[name].value())

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        self._place_in_series(data)
        return data

    def _place_in_series(self, data: dict[str, Any]) -> None:
        """A part without a series is dropped, a piece without a number is the part after the last."""
        series = data.get("series")
        if series is None:
            data["series_part"] = None
        elif data.get("series_part") is None and "series_part" not in self.errors:
            data["series_part"] = series.next_part()

    def keeps_address(self) -> bool:
        return self.instance.published_at is not None


class BylineForm(forms.ModelForm):
    """One name of the byline. A row whose name is emptied goes."""

    class Meta:
        model = Byline
        fields = ["author", "position"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["author"].required = False
        self.fields["position"].required = False

    @property
    def emptied(self) -> bool:
        return not self["author"].value()

    def has_changed(self) -> bool:
        return super().has_changed() and not (self.instance.pk is None and self.emptied)

    def clean_author(self) -> Any:
        """The row that goes still has its name, for the log."""
        if self.emptied and self.instance.pk is not None:
            return self.instance.author
        return self.cleaned_data["author"]

    def clean_position(self) -> int:
        return self.cleaned_data["position"] or 0


class BylineFormSet(forms.BaseInlineFormSet):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Asked once, not once a row.
        self.authors = [("", "Nobody"), *((author.pk, author.name) for author in Author.objects.only("name"))]

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["author"].widget.choices = self.authors
        if index is not None:  # spare rows follow those that are there
            form.initial["position"] = index + 1

    def _should_delete_form(self, form: Any) -> Any:
        return form.instance.pk is not None and form.emptied

    def in_order(self) -> list[Byline]:
        """The rows that stay, by their numbers; of equal ones the upper first."""
        rows = [form for form in self.forms if form.instance.pk and not self._should_delete_form(form)]
        return [row.instance for row in sorted(rows, key=lambda row: row.cleaned_data.get("position") or 0)]

    def get_unique_error_message(self, unique_check: Any) -> str:
        return "An author stands in the byline twice."

    def get_form_error(self) -> str:
        return "This author stands above already."


class PublishForm(NowOrLaterForm):
    """When a version is served, and what readers are told of it. `last` is the version that the editor had seen."""

    note = forms.CharField(
        required=False, max_length=500, label="What changed, in a sentence that readers will see",
        widget=OneLine(attrs={"rows": 2}),
    )  # fmt: skip
    last = forms.IntegerField(widget=forms.HiddenInput, min_value=0)
    # The text that the editor looked at.
    edition = forms.IntegerField(required=False, widget=forms.HiddenInput, min_value=0)
