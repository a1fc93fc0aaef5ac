"""Forms of the newsroom: a new issue, its texts and articles, when it is sent, and tests."""

from collections.abc import Sequence
from typing import Any, ClassVar

from django import forms
from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.article_by_url import ArticleByUrl
from articles.forms.dossiers import RowForm, RowFormSet
from articles.forms.schedule import NowOrLaterForm
from articles.forms.widgets import BodyEditor, SingleLineTextarea, mark_language
from articles.models import Article
from articles.richtext.short_text import LETTER_EXTENSIONS, clean_letter
from truthlytics.newsletters.admin.audience_form import AudienceFields
from truthlytics.newsletters.admin.issue_conflict import fingerprint
from truthlytics.newsletters.models import Issue, IssueArticle, Newsletter
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.web.form_fields import SafeModelMultipleChoiceField, choice_field
from truthlytics.web.generic import ModelChoiceField, ModelForm
from truthlytics.web.users import User

# Other addresses in one test: it shows an email, and replaces no newsletter.
MAX_OTHERS = 5

ALREADY_SENT = gettext_lazy("“%(newsletter)s” already has an issue with this article: “%(issue)s”.")


def check_not_used(newsletter: Newsletter, article: Article, *, besides: int | None = None) -> None:
    """Raise ValidationError if another issue of `newsletter` than `besides` has `article`."""
    rows = IssueArticle.objects.filter(newsletter=newsletter, article=article, is_repeated=False)
    used = rows.exclude(issue=besides).select_related("issue").first()
    if used is not None:
        raise ValidationError(ALREADY_SENT, params={"newsletter": newsletter, "issue": used.issue})


class NewIssueForm(forms.Form):
    kind = forms.ChoiceField(
        label=gettext_lazy("Kind"),
        choices=[
            (Issue.Kind.LETTER, gettext_lazy("A letter, with a text of its own")),
            (Issue.Kind.DIGEST, gettext_lazy("A digest of what appeared since the last one")),
            (Issue.Kind.ARTICLE, gettext_lazy("An article in full")),
        ],
        initial=Issue.Kind.LETTER,
        widget=forms.RadioSelect,
    )
    newsletter = ModelChoiceField(
        label=gettext_lazy("Newsletter"),
        queryset=Newsletter.objects.all(),
        empty_label=None,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose a newsletter.")},
    )
    article = ArticleByUrl(
        label=gettext_lazy("Article"),
        required=False,
        help_text=gettext_lazy("Its URL or slug. Only for an article in full."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["article"].widget.attrs |= {"class": "vTextField", "data-article-picker": ""}

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == Issue.Kind.ARTICLE and "article" not in self.errors:
            if data.get("article") is None:
                self.add_error("article", _("Choose the article."))
            elif data.get("newsletter"):
                try:
                    check_not_used(data["newsletter"], data["article"])
                except ValidationError as error:
                    self.add_error("article", error)
        return data


class IssueForm(ModelForm[Issue]):
    # The fingerprint of the issue when this form was opened. Saving over another version needs a second submit.
    seen = forms.CharField(required=False, widget=forms.HiddenInput)

    class Meta:
        model = Issue
        fields = ["subject", "preview_text", "body"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "subject": SingleLineTextarea(attrs={"rows": 1, "placeholder": gettext_lazy("Subject"), "data-grow": ""}),
            "preview_text": SingleLineTextarea(
                attrs={"rows": 1, "placeholder": gettext_lazy("Preview text"), "data-grow": ""}
            ),
            "body": BodyEditor(config={"extensions": LETTER_EXTENSIONS}, preset="configurable", attrs={"rows": 12}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # A draft may have none yet; the page that sends it asks for one.
        self.fields["subject"].required = False
        self.initial["seen"] = fingerprint(self.instance)
        mark_language(self, "")

    def clean_body(self) -> str:
        return clean_letter(self.cleaned_data["body"])

    def clean(self) -> dict[str, object]:
        """Lock the issue, so that of two versions that are saved at once the second one is refused."""
        stored = Issue.objects.undecided().select_for_update().filter(pk=self.instance.pk).first()
        if stored is None:
            raise ValidationError(_("This issue is already being sent or was cancelled, so nothing was changed."))
        data = super().clean() or self.cleaned_data
        current = fingerprint(stored)
        if data.get("seen") and data["seen"] != current:
            self.data = dict(self.data.items()) | {self.add_prefix("seen"): current}
            self.add_error(
                "seen",
                _(
                    "Another version was saved after you opened this one. Your changes are below and not saved yet. "
                    "The comparison shows what saving again would change in the other version."
                ),
            )
        return data


class IssueArticleForm(RowForm):
    """An article of a digest."""

    content_fields = ("article", "sentence")
    article = ArticleByUrl(error_messages={"required": gettext_lazy("Choose the article.")})
    position = forms.IntegerField(required=False, min_value=0, max_value=999)

    class Meta:
        model = IssueArticle
        fields = ["article", "position", "sentence"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "sentence": SingleLineTextarea(
                attrs={
                    "rows": 1,
                    "placeholder": gettext_lazy("Your own words, instead of the standfirst"),
                    "data-grow": "",
                }
            )
        }

    def clean_article(self) -> Article | None:
        article: Article | None = self.cleaned_data["article"]
        self.instance.newsletter_id = self.instance.issue.newsletter_id
        if article is not None:
            check_not_used(self.instance.issue.newsletter, article, besides=self.instance.issue_id)
        return article


class IssueArticleFormSet(RowFormSet):
    def get_unique_error_message(self, unique_check: Sequence[str]) -> str:
        return _("An article is listed twice.")


class SendForm(AudienceFields, NowOrLaterForm):
    """When an issue is sent, and to whom. Corrections go to those who got the mistake."""

    past_error = gettext_lazy("This time has passed. Choose a later one, or send it now.")

    def __init__(self, data: object, *, issue: Issue, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        if issue.corrects_id:
            for name in AudienceFields.base_fields:
                del self.fields[name]
        else:
            self.offer(Audience.of(issue.audience))


class TestForm(forms.Form):
    """Who gets a test of an issue: colleagues, and a few other addresses."""

    recipients = SafeModelMultipleChoiceField(
        label=gettext_lazy("Recipients"),
        queryset=get_user_model().objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    others = forms.CharField(
        label=gettext_lazy("Other addresses"),
        required=False,
        max_length=1000,
        widget=forms.TextInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        help_text=gettext_lazy("Up to five, with commas between them."),
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        staff = get_user_model().objects.filter(is_staff=True, is_active=True).order_by("email")
        choice_field(self, "recipients").queryset = staff
        self.initial.setdefault("recipients", [user.pk])

    def clean_others(self) -> list[str]:
        addresses = [part.strip() for part in self.cleaned_data["others"].replace(";", ",").split(",") if part.strip()]
        if len(addresses) > MAX_OTHERS:
            raise ValidationError(_("A test goes to at most five other addresses."))
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(_("“%(address)s” isn’t an email address.") % {"address": address}) from error
        return addresses

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if not self.errors and not data["recipients"] and not data["others"]:
            raise ValidationError(_("Choose who gets the test."))
        return data

    @property
    def emails(self) -> list[str]:
        """The addresses that were chosen, each once."""
        own = [user.email for user in self.cleaned_data["recipients"]]
        return list({email.casefold(): email for email in [*own, *self.cleaned_data["others"]]}.values())
