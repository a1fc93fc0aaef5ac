"""What readers send, and the sentences they get when it cannot be taken."""

import uuid
from collections.abc import Mapping
from typing import Any

from django import forms

from comments.models import Comment, Report
from comments.pending import kept
from comments.text import TextRefused, clean
from truthlytics.web.text import without_controls


class WordsField(forms.CharField):
    """Text as it will be kept. No maxlength in the page: a browser would cut what is pasted without a word."""

    widget = forms.Textarea(attrs={"class": "input", "rows": 6})

    def to_python(self, value: Any) -> str:
        text = value if isinstance(value, str) else ""
        if not text.strip():
            return ""
        try:
            return clean(text)
        except TextRefused as refused:
            raise forms.ValidationError(str(refused), code="refused") from refused


def words_field() -> WordsField:
    return WordsField(
        label="Your comment",
        strip=False,
        help_text="Plain text. Leave a blank line between paragraphs. Use *asterisks* for emphasis, &gt; to quote, and "
        "https:// for links. Up to 5,000 characters.",
        error_messages={"required": "Write something first."},
    )


class CommentForm(forms.Form):
    text = words_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.ModelChoiceField(Comment.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, article: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Comment.objects.filter(article=article).visible().select_related("author")  # type: ignore[attr-defined]

    def again(self) -> "CommentForm":
        """This form ready to be sent again: what its writer can neither see nor mend is made new."""
        if "key" in self.errors:
            self.with_new_key()
        if "parent" in self.errors:
            self._replace("parent", "")
        return self

    def with_new_key(self) -> "CommentForm":
        """The same words as another comment."""
        return self._replace("key", str(uuid.uuid4()))

    def _replace(self, name: str, value: str) -> "CommentForm":
        self.data = {field: self.data.get(field, "") for field in self.fields} | {name: value}
        return self

    def parent_comment(self) -> Comment | None:
        """What is answered, where that can still be: for the page to show."""
        try:
            found: Comment | None = self.fields["parent"].clean(self["parent"].value())
        except forms.ValidationError:
            return None
        return found

    def hidden_errors(self) -> list[str]:
        """Sentences about the fields that nobody sees."""
        sentences = {
            "key": "The form was incomplete. Your comment is below. Post it again.",
            "parent": "The comment you are replying to is no longer available. Your text is below. "
            "Post it again to add it as a new comment.",
        }
        return [sentence for name, sentence in sentences.items() if name in self.errors]


def blank_form(article: int, session: Any, parent: Comment | None = None) -> CommentForm:
    """An empty form for the article with this id and a key of its own, or what its reader could not post before."""
    initial: dict[str, Any] = {"key": uuid.uuid4(), "parent": parent.pk if parent else None}
    found: Mapping[str, str] = kept(session, article) if session is not None else {}
    initial |= {name: value for name, value in found.items() if value and not (parent and name == "parent")}
    return CommentForm(article=article, initial=initial)


class EditForm(forms.Form):
    text = words_field()


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        choices=Report.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": "Choose a reason.", "invalid_choice": "Choose one of the reasons."},
    )
    words = forms.CharField(
        label="Details",
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
        error_messages={"max_length": "Enter at most 1,000 characters."},
    )

    def clean_words(self) -> str:
        return without_controls(self.cleaned_data["words"])
