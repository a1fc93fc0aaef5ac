"""What somebody says who moves the work on, and in whose hands it is laid."""

from datetime import date, timedelta
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from articles import permissions
from articles.forms.articles import Lines
from articles.models import Article
from articles.models.workflow import WORDS_LENGTH
from articles.workflow.stages import TRANSITIONS, WorkflowAction
from truthlytics.web.ids import row_id

FURTHEST = timedelta(days=2 * 366)


class StepForm(forms.Form):
    """A deed, and words for those whom it concerns. `seen` is the step that the person looked at."""

    deed = forms.ChoiceField(choices=[(deed.value, deed.label) for deed in TRANSITIONS], widget=forms.HiddenInput)
    words = forms.CharField(
        required=False, max_length=WORDS_LENGTH, label="Words for the others", widget=Lines(attrs={"rows": 3})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("deed") == WorkflowAction.RETURNED and not data.get("words", "").strip() and "words" not in self.errors:
            self.add_error("words", "Say what is missing, so that the writers can mend it.")
        return data


class AssignmentForm(forms.Form):
    """Whose hands, and by which day; both may be left open."""

    assignee = forms.ChoiceField(required=False, label="In whose hands")
    due_on = forms.DateField(
        required=False, label="Due", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    note = forms.CharField(
        required=False, max_length=WORDS_LENGTH, label="A word for them", widget=Lines(attrs={"rows": 2})
    )
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, article: Article, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.article = article
        self.people = {person.pk: person for person in permissions.assignable_users(article)}
        if article.assignee is not None:  # who has it keeps it, even if they would not get it today
            self.people.setdefault(article.assignee.pk, article.assignee)
        choices = [("", "Nobody’s"), *((pk, str(person)) for pk, person in self.people.items())]
        self.fields["assignee"].choices = choices  # type: ignore[attr-defined]

    def clean_assignee(self) -> Any:
        return self.people.get(row_id(self.cleaned_data["assignee"]) or 0)

    def clean_due_on(self) -> date | None:
        due: date | None = self.cleaned_data["due_on"]
        today = timezone.localdate()
        if due is None or due == self.article.due_on:
            return due
        if due < today:
            raise ValidationError("This day has passed. Choose a later one.")
        if due > today + FURTHEST:
            raise ValidationError("Choose a day within the next two years.")
        return due
