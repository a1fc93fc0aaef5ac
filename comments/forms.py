"""Forms for writing, editing and reporting comments."""

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from comments import pending
from comments.models import Comment, Report
from comments.text import InvalidText, clean
from truthlytics.web.text import strip_control_characters


class CommentTextField(forms.CharField):
    """The text of a comment, cleaned. It has no maxlength: browsers would cut pasted text without telling anyone."""

    widget = forms.Textarea(attrs={"class": "input", "rows": 6})

    def to_python(self, value: Any) -> str:
        text = value if isinstance(value, str) else ""
        if not text.strip():
            return ""
        try:
            return clean(text)
        except InvalidText as error:
            raise forms.ValidationError(str(error), code="invalid") from error


def comment_text_field() -> CommentTextField:
    return CommentTextField(
        label=_("Your comment"),
        strip=False,
        help_text=_(
            "Plain text, up to 5,000 characters. Leave a blank line between paragraphs, put *asterisks* around words "
            "to emphasise them, and start a line with &gt; to quote. Addresses starting with https:// become links."
        ),
        error_messages={"required": _("Write something first.")},
    )


class CommentForm(forms.Form):
    """`key` identifies a form that was sent twice, so that the comment is posted once."""

    text = comment_text_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.ModelChoiceField(Comment.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, article: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["parent"].queryset = Comment.objects.filter(article=article).visible().select_related("author")  # type: ignore[attr-defined]

    def for_retry(self) -> "CommentForm":
        """Return this form, to be shown again: invalid hidden fields, which users cannot correct, are reset."""
        if "key" in self.errors:
            self.with_new_key()
        if "parent" in self.errors:
            self._replace("parent", "")
        return self

    def with_new_key(self) -> "CommentForm":
        """Return this form, to be sent as another comment."""
        return self._replace("key", str(uuid.uuid4()))

    def _replace(self, name: str, value: str) -> "CommentForm":
        self.data = {field: self.data.get(field, "") for field in self.fields} | {name: value}
        return self

    def parent_comment(self) -> Comment | None:
        """Return the comment that this one replies to, if it still exists."""
        try:
            parent: Comment | None = self.fields["parent"].clean(self["parent"].value())
        except forms.ValidationError:
            return None
        return parent

    def hidden_field_errors(self) -> list[str]:
        """Return messages for the errors of hidden fields."""
        messages = {
            "key": _("The form was incomplete. Your comment is below. Post it again."),
            "parent": _(
                "The comment you are replying to is no longer available. Your text is below. "
                "Post it again to add it as a new comment."
            ),
        }
        return [str(message) for name, message in messages.items() if name in self.errors]


def comment_form(article_id: int, session: Any = None, parent: Comment | None = None) -> CommentForm:
    """Return a form for a new comment, with what was typed under the article before if `session` is given."""
    initial: dict[str, Any] = {"key": uuid.uuid4(), "parent": parent.pk if parent else None}
    typed = pending.load(session, article_id) if session is not None else {}
    initial |= {name: value for name, value in typed.items() if value and not (parent and name == "parent")}
    return CommentForm(article=article_id, initial=initial)


class EditForm(forms.Form):
    text = comment_text_field()


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        choices=Report.Reason,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason."), "invalid_choice": _("Choose one of the reasons.")},
    )
    words = forms.CharField(
        label=_("Details"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"class": "input", "rows": 4}),
        error_messages={"max_length": _("Enter at most 1,000 characters.")},
    )

    def clean_words(self) -> str:
        return strip_control_characters(self.cleaned_data["words"])
