"""Forms for what AI was used for, and for reviews of a text."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField, BoundWidget
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.widgets import CleanTextInput, SingleLineTextarea
from articles.models import Reviewer
from articles.models.how_we_know import AI_SENTENCES, SENTENCE_LENGTH, UseOfAI
from articles.models.reviews import ROLE_LENGTH, responsible
from articles.responsibility import UNSTATED, AIUse, Judgement, ReviewedFor, has_ai_pictures, stated_uses, text_digest
from truthlytics.web.types import CleanedData, JsonObject
from truthlytics.web.users import User


class AIUsesField(forms.MultipleChoiceField):
    """What AI was used for, in the order of AIUse. “None” excludes all others."""

    def __init__(self, **kwargs: Any) -> None:
        defaults: dict[str, Any] = {
            "required": False,
            "widget": forms.CheckboxSelectMultiple,
            "label": gettext_lazy("AI was used for"),
        }
        super().__init__(choices=AIUse.choices, **{**defaults, **kwargs})

    def clean(self, value: Any) -> list[str]:
        values = super().clean(value)
        if AIUse.NONE in values and len(values) > 1:
            raise ValidationError(_("Choose either “No AI” or what it was used for."))
        return stated_uses(values)


def sentence_widget(attrs: Mapping[str, object] | None = None) -> SingleLineTextarea:
    """Return the field for a sentence about a use of AI. It has no label of its own, so it names itself."""
    label = gettext_lazy("A sentence for readers")
    return SingleLineTextarea(attrs={"rows": 2, "aria-label": label, "placeholder": label, **(attrs or {})})


class AISentenceField(forms.CharField):
    """A sentence for readers about a use of AI."""

    def __init__(self) -> None:
        super().__init__(required=False, max_length=SENTENCE_LENGTH, widget=sentence_widget())


class AIChoices(forms.BaseForm):
    """A form with the field `ai_uses`, and one for a sentence about each use, which is shown once it is ticked."""

    @property
    def ai_choices(self) -> list[tuple[BoundWidget, BoundField | None]]:
        """Each choice with the field for its sentence; None for “No AI”."""
        names = {use: name for name, use in AI_SENTENCES.items()}
        return [
            (choice, self[names[use]] if (use := choice.data["value"]) in names else None) for choice in self["ai_uses"]
        ]


class ReviewForm(forms.Form):
    """A user's own review of a text. Without a tick it is none."""

    checked = forms.MultipleChoiceField(
        choices=ReviewedFor,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("I have checked this text and answer for it"),
    )
    role = forms.CharField(
        required=False, max_length=ROLE_LENGTH, label=gettext_lazy("Your role for readers"), widget=CleanTextInput
    )
    is_named = forms.BooleanField(required=False, label=gettext_lazy("Tell readers my name"))

    @staticmethod
    def choices_of(user: User) -> dict[str, object]:
        """Return what `user` has chosen with their last review, as initial values."""
        reviewer = Reviewer.objects.filter(user=user.pk).first()
        if reviewer is None:
            return {"role": _("Editor")}
        return {"role": reviewer.role, "is_named": reviewer.is_named}

    def clean(self) -> CleanedData:
        data: CleanedData = super().clean() or self.cleaned_data
        if data.get("checked") and not data.get("role") and "role" not in self.errors:
            self.add_error("role", _("Enter your role, such as editor."))
        return data

    @property
    def review(self) -> dict[str, Any]:
        """What `add_review` takes; empty without a review."""
        data = self.cleaned_data
        return {name: data[name] for name in ("checked", "role", "is_named")} if data.get("checked") else {}


class ResponsibilityForm(AIChoices, ReviewForm):
    """What is stated and reviewed when a text is published or sent. If a label follows, the user sees it first.

    `content` is what would be published of `item`. Use of AI has to be stated if `must_state`.
    """

    ai_uses = AIUsesField()
    # The labels that the page has shown.
    confirmed_labels = forms.CharField(required=False, max_length=200, widget=forms.HiddenInput)
    # `text_digest` of what the page has shown: a review of a text that was saved meanwhile is refused.
    seen_text = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, item: UseOfAI, content: JsonObject, user: User, must_state: bool) -> None:
        initial = {name: getattr(item, name) for name in ("ai_uses", *AI_SENTENCES)}
        super().__init__(data, initial=initial | self.choices_of(user))
        for name in AI_SENTENCES:
            self.fields[name] = AISentenceField()
        self.content, self.user, self.must_state = content, user, must_state
        self.reviews: Sequence[JsonObject] = content.get("reviews", ())

    def clean_ai_uses(self) -> list[str]:
        uses: list[str] = self.cleaned_data["ai_uses"]
        if not uses and (self.must_state or self.content.get("ai_uses")):
            raise ValidationError(UNSTATED)
        return uses

    def clean(self) -> CleanedData:
        data = super().clean()
        if data.get("checked") and data.get("seen_text") != self.text_digest:
            self.add_error("checked", _("The text was saved again in the meantime. Check the changes first."))
        return data

    @property
    def text_digest(self) -> str:
        return text_digest(self.content)

    @property
    def sentences(self) -> dict[str, str]:
        """The sentences about uses of AI that were sent."""
        return {name: self.cleaned_data[name] for name in AI_SENTENCES if name in self.data}

    @cached_property
    def judgement(self) -> Judgement:
        """The labels that the version will have, with what was entered if that is valid."""
        if not self.is_bound or self.errors:
            return Judgement.of(self.content)
        own = []
        if self.review:
            name = str(self.user) if self.review["is_named"] else ""
            own = [{"checked": self.review["checked"], "responsible": responsible(name), "of_this_text": True}]
        marked = has_ai_pictures(self.content)
        return Judgement.on(self.cleaned_data["ai_uses"], [*self.reviews, *own], has_ai_pictures=marked)

    @property
    def labels(self) -> str:
        return ",".join(self.judgement.labels)

    @property
    def needs_confirmation(self) -> bool:
        """Whether there are labels that the page has not shown yet."""
        if not self.is_bound or self.errors or not self.judgement.labels:
            return False
        return bool(self.cleaned_data["confirmed_labels"] != self.labels)

    def is_valid(self) -> bool:
        return super().is_valid() and not self.needs_confirmation
