"""Forms for writing, editing and reporting comments."""

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from articles.richtext.anchors import CONTEXT_LENGTH, MAX_QUOTE_LENGTH
from comments import unposted
from comments.models import Comment, ModeratorEmails, Report
from comments.models.decisions import MAX_APPEAL_LENGTH
from comments.quotes import ArticleText, Passage
from comments.text import MAX_INPUT_LENGTH, InvalidText, clean
from truthlytics.web.form_fields import choice_field
from truthlytics.web.generic import ModelForm
from truthlytics.web.text import strip_control_characters

# Longer context of a passage is cut before it is cleaned. It is only a hint.
MAX_CONTEXT_INPUT = 4 * CONTEXT_LENGTH
PASSAGE_NOT_FOUND = _(
    "We couldn’t find this passage in the article. It may have been edited since you opened the page. "
    "Copy it again, or remove it to post your comment without it."
)


class CommentTextField(forms.CharField):
    """The text of a comment, cleaned. Without maxlength, because browsers would silently cut pasted text."""

    widget = forms.Textarea(attrs={"class": "input", "rows": 6})

    def to_python(self, value: object) -> str:
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


class QuoteField(forms.CharField):
    """Words of the article, without control characters."""

    widget = forms.Textarea(attrs={"class": "input", "rows": 3})

    def to_python(self, value: object) -> str:
        quote = super().to_python(value) or ""
        # Before normalising, which is slow for long runs of combining marks.
        if len(quote) > MAX_INPUT_LENGTH or len(" ".join(quote.split())) > MAX_QUOTE_LENGTH:
            raise forms.ValidationError(_quote_too_long(len(quote)), code="max_length")
        return strip_control_characters(quote)


class ContextField(forms.CharField):
    """The words before a passage, or with `is_after` those after it. Only a hint, so longer input is cut."""

    widget = forms.HiddenInput

    def __init__(self, *, is_after: bool = False) -> None:
        super().__init__(required=False, strip=False)
        self.is_after = is_after

    def to_python(self, value: object) -> str:
        return self._cut(strip_control_characters(self._cut(super().to_python(value) or "", MAX_CONTEXT_INPUT)))

    def _cut(self, text: str, length: int = CONTEXT_LENGTH) -> str:
        return text[:length] if self.is_after else text[-length:]


class CommentForm(forms.Form):
    """`key` identifies a form that was sent twice, so that the comment is posted once.

    `quote` is a passage of the article, and `before` and `after` the words around it. It is searched in the text that
    `get_text` returns; the cleaned data has the `passage` found there.
    """

    quote = QuoteField(
        label=_("Passage"),
        required=False,
        help_text=_("Copy the words from the article. They are shown above your comment."),
    )
    before = ContextField()
    after = ContextField(is_after=True)
    text = comment_text_field()
    key = forms.UUIDField(widget=forms.HiddenInput)
    parent = forms.ModelChoiceField(Comment.objects.none(), required=False, widget=forms.HiddenInput)

    def __init__(
        self, *args: Any, article: int, get_text: Callable[[], ArticleText] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.get_text = get_text
        choice_field(self, "parent").queryset = (
            Comment.objects.filter(article=article).visible().select_related("author")
        )

    def clean(self) -> None:
        data = self.cleaned_data
        passage: Passage | None = None
        if self.get_text is not None and data.get("quote"):
            passage = self.get_text().find_sent(data["quote"], data.get("before", ""), data.get("after", ""))
            if passage is None:
                self.add_error("quote", forms.ValidationError(PASSAGE_NOT_FOUND, code="not_found"))
        data["passage"] = passage

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


def _quote_too_long(length: int) -> str:
    counts = {
        "length": number_format(length, force_grouping=True),
        "limit": number_format(MAX_QUOTE_LENGTH, force_grouping=True),
    }
    return (
        gettext("The passage has %(length)s characters; the limit is %(limit)s. Quote fewer words of the article.")
        % counts
    )


def comment_form(article_id: int, session: Any = None, parent: Comment | None = None) -> CommentForm:
    """Return a form for a new comment, with what was typed under the article before if `session` is given."""
    initial: dict[str, object] = {"key": uuid.uuid4(), "parent": parent.pk if parent else None}
    typed = unposted.load(session, article_id) if session is not None else {}
    initial |= {name: value for name, value in typed.items() if value and not (parent and name == "parent")}
    return CommentForm(article=article_id, initial=initial)


class EditForm(forms.Form):
    text = comment_text_field()


class ReportForm(forms.Form):
    reason = forms.ChoiceField(
        label=_("Reason"),
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


class AppealForm(forms.Form):
    text = forms.CharField(
        label=_("Your appeal"),
        max_length=MAX_APPEAL_LENGTH,
        widget=forms.Textarea(attrs={"class": "input", "rows": 6}),
        error_messages={
            "required": _("Say why you think the decision is wrong."),
            "max_length": _("Enter at most 2,000 characters."),
        },
    )

    def clean_text(self) -> str:
        text = strip_control_characters(self.cleaned_data["text"]).strip()
        if not text:
            raise forms.ValidationError(self.fields["text"].error_messages["required"], code="required")
        return text


class ModeratorEmailsForm(ModelForm[ModeratorEmails]):
    class Meta:
        model = ModeratorEmails
        fields = ["frequency"]
        labels = {"frequency": _("Emails about comments awaiting moderation")}
        widgets = {"frequency": forms.RadioSelect}
