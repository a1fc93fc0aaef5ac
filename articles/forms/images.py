"""What is typed of a picture: its words, where it is cut, and a file in the place of another."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError

from articles.forms.articles import Line, OneLine
from articles.media.renditions import facts
from articles.models import Image
from articles.models.media import Licence

ACCEPTED = {"accept": "image/jpeg,image/png,image/webp"}
WORDS = ["title", "alt", "caption", "credit", "licence", "terms"]
# Nothing can be published without them.
NEEDED = ("alt", "credit")


class WordsForm(forms.ModelForm):
    """The words of a picture. Where it has none yet, what its file says is proposed; saving accepts it."""

    class Meta:
        model = Image
        fields = WORDS
        widgets: ClassVar[dict[str, Any]] = {
            "title": Line(attrs={"class": "vTextField"}),
            "alt": OneLine(attrs={"rows": 2, "class": "vLargeTextField"}),
            "caption": OneLine(attrs={"rows": 2, "class": "vLargeTextField"}),
            "credit": Line(attrs={"class": "vTextField"}),
            "terms": Line(attrs={"class": "vTextField"}),
        }
        labels: ClassVar[dict[str, str]] = {"alt": "Alt text"}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in NEEDED:
            if name in self.fields:
                self.fields[name].required = True
        if "licence" in self.fields:
            self.fields["licence"].choices = [("", "Not known"), *Licence.choices]  # type: ignore[attr-defined]
        self.from_file: list[str] = []
        # Once somebody has looked at it, an empty field is meant so.
        if self.instance.pk is None or self.instance.complete:
            return
        for name, said in self.instance.proposed.items():
            if name in self.fields and not getattr(self.instance, name):
                self.initial[name] = said
                self.from_file.append(str(self.fields[name].label).lower())


class ImageForm(WordsForm):
    class Meta(WordsForm.Meta):
        fields = ["file", *WORDS, "focal_x", "focal_y"]
        labels = WordsForm.Meta.labels | {
            "focal_x": "Focal point, % from the left",
            "focal_y": "Focal point, % from the top",
        }
        widgets = {**WordsForm.Meta.widgets, "file": forms.FileInput(attrs=ACCEPTED)}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in {"focal_x", "focal_y"} & self.fields.keys():
            self.fields[name].required = False
        if "file" in self.fields:  # its name is ours, however long the other one was
            self.fields["file"].max_length = None  # type: ignore[attr-defined]

    def clean_focal_x(self) -> int:
        return self._focal("focal_x")

    def clean_focal_y(self) -> int:
        return self._focal("focal_y")

    def _focal(self, name: str) -> int:
        """An emptied number is the one from before."""
        said = self.cleaned_data[name]
        return int(said if said is not None else self.initial.get(name, 50))

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file and "file" in self.changed_data:
            known = Image.objects.filter(sha256=facts(file).sha256).first()
            if known:
                raise ValidationError(f"This very file is in the library already, as “{known}”.")
        return file


class ReplaceForm(forms.Form):
    file = forms.FileField(label="The new file", widget=forms.FileInput(attrs=ACCEPTED), allow_empty_file=True)


class TakeOverForm(forms.Form):
    """In which articles a mended picture is published again, and what readers are told."""

    articles = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple)
    note = forms.CharField(
        required=False, max_length=500, label="What changed, in a sentence that readers will see",
        widget=OneLine(attrs={"rows": 2}),
    )  # fmt: skip
    # What the picture was when this was asked.
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)
