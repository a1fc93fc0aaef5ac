"""“Send by email” on the page that publishes an article."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from articles.forms.widgets import SingleLineTextarea
from articles.models import Article, Version
from articles.services.publishing import NotReadyError
from truthlytics.newsletters.admin.audience_form import AudienceFields
from truthlytics.newsletters.admin.formatting import readers_text
from truthlytics.newsletters.issue_checks import reader_count
from truthlytics.newsletters.models import Issue, IssueArticle, Newsletter
from truthlytics.newsletters.models.issues import MAX_PREVIEW_LENGTH, MAX_SUBJECT_LENGTH
from truthlytics.newsletters.services.audiences import Audience
from truthlytics.newsletters.services.decisions import corrections_of, scheduled_with, send_article, unschedule
from truthlytics.web.form_fields import choice_field
from truthlytics.web.generic import ModelChoiceField
from truthlytics.web.users import User


def form_for(item: object, user: User, data: object) -> "SendByEmailForm | None":
    """Return the form for `item`; None if it is no article, or `user` may not send issues or has nothing to choose."""
    if not isinstance(item, Article) or not user.has_perm("newsletters.add_issue"):
        return None
    sent = IssueArticle.objects.filter(article=item, is_repeated=False)
    newsletters = Newsletter.objects.exclude(pk__in=sent.values("newsletter"))
    scheduled = scheduled_with(item).select_related("newsletter").first()
    issues = list(Issue.objects.sent().filter(articles__article=item).select_related("newsletter"))
    if scheduled is None and not issues and not newsletters.exists():
        return None
    return SendByEmailForm(data, article=item, newsletters=newsletters, scheduled=scheduled, issues=issues)


def form_for_scheduled(item: object, user: User, data: object) -> "ScheduledEmailForm | None":
    """Return the form for the scheduled emails with `item`; None if there are none."""
    if not isinstance(item, Article):
        return None
    issues = list(scheduled_with(item).select_related("newsletter").order_by("send_at", "pk"))
    may_decide = user.has_perm("newsletters.change_issue")
    return ScheduledEmailForm(data, article=item, issues=issues, may_decide=may_decide) if issues else None


class NewsletterField(ModelChoiceField[Newsletter]):
    """Says of each newsletter how many readers get it."""

    def label_from_instance(self, obj: Newsletter) -> str:
        return f"{obj.name} ({readers_text(reader_count(Issue(newsletter=obj), timezone.now()))})"


class SendByEmailForm(AudienceFields):
    """Sends the article in full to readers of a newsletter as soon as the version is public.

    Readers of the `issues` that had the article may be sent a correction once it is published.
    """

    prefix = "email"
    template_name = "admin/newsletters/_send_by_email.html"

    newsletter = NewsletterField(
        label=gettext_lazy("Send by email"),
        queryset=Newsletter.objects.none(),
        required=False,
        empty_label=gettext_lazy("Not at all"),
    )
    subject = forms.CharField(
        label=gettext_lazy("Subject"),
        required=False,
        max_length=MAX_SUBJECT_LENGTH,
        widget=SingleLineTextarea(attrs={"rows": 1}),
    )
    preview_text = forms.CharField(
        label=gettext_lazy("Preview text"),
        required=False,
        max_length=MAX_PREVIEW_LENGTH,
        widget=SingleLineTextarea(attrs={"rows": 1}),
        help_text=gettext_lazy("Mail programs show it beside the subject."),
    )

    def __init__(
        self, data: Any, *, article: Article, newsletters: Any, scheduled: Issue | None, issues: list[Issue]
    ) -> None:
        initial = {
            "subject": article.headline[:MAX_SUBJECT_LENGTH],
            "preview_text": article.standfirst[:MAX_PREVIEW_LENGTH],
        }
        super().__init__(data, initial=initial)
        choice_field(self, "newsletter").queryset = newsletters
        if newsletters:
            self.offer(Audience())
        self.article, self.scheduled, self.issues = article, scheduled, issues
        # What `published` makes.
        self.issue: Issue | None = None
        # The email of a public article was scheduled on purpose, so it does not move with later versions.
        self.is_public = article.published_at is not None and article.published_at <= timezone.now()

    def scheduled_readers(self) -> str:
        """Return how many readers would get the scheduled email now."""
        return readers_text(reader_count(self.scheduled, timezone.now())) if self.scheduled else ""

    def chosen_readers(self) -> str:
        """Return how many readers would get what is chosen now; "" without a newsletter."""
        newsletter = self.cleaned_data.get("newsletter") if self.is_bound else None
        if newsletter is None:
            return ""
        return readers_text(reader_count(Issue(newsletter=newsletter, audience=self.audience.stored), timezone.now()))

    def clean(self) -> dict[str, object]:
        data = super().clean() or self.cleaned_data
        if data.get("newsletter") and not data.get("subject") and "subject" not in self.errors:
            self.add_error("subject", _("Enter a subject."))
        return data

    def published(self, *, version: Version, by: User) -> None:
        """Schedule the email for the time at which `version` is public. One that is scheduled already moves with it
        if the article is not public yet.

        Raises NotReadyError if a colleague was faster.
        """
        if self.scheduled is not None and not self.is_public:
            Issue.objects.filter(pk=self.scheduled.pk, state=Issue.State.SCHEDULED).update(send_at=version.public_from)
        data = self.cleaned_data
        if not data["newsletter"]:
            return
        try:
            with transaction.atomic():
                self.issue = send_article(
                    article=self.article,
                    version=version,
                    newsletter=data["newsletter"],
                    subject=data["subject"],
                    preview_text=data["preview_text"],
                    audience=self.audience,
                    by=by,
                )
        except IntegrityError as error:
            raise NotReadyError([_("A colleague is already sending this article by email.")]) from error

    def success_message(self) -> str:
        """Return a sentence with a link: to the new email, or to the page for telling readers of an old one."""
        if self.issue is not None:
            url = reverse("admin:newsletters_issue_sending", args=[self.issue.pk])
            return format_html('{} <a href="{}">{}</a>', _("It is sent by email."), url, _("View the email"))
        now = timezone.now()
        sentences = (_may_tell(issue) for issue in self.issues if corrections_of(issue, now))
        return format_html_join(" ", "{}", ((sentence,) for sentence in sentences))


class ScheduledEmailForm(forms.Form):
    """What becomes of the scheduled emails with an article that is unscheduled.

    Those who may not send issues only read what is going to happen.
    """

    prefix = "email"
    template_name = "admin/newsletters/_scheduled_email.html"
    TAKE_BACK, KEEP = "take_back", "keep"

    decision = forms.ChoiceField(label=gettext_lazy("Scheduled email"), widget=forms.RadioSelect, initial=TAKE_BACK)

    def __init__(self, data: Any, *, article: Article, issues: list[Issue], may_decide: bool) -> None:
        super().__init__(data)
        self.issues = issues
        is_public = article.served_version() is not None
        keep = (
            _("Send it anyway, with the text that readers have then")
            if is_public
            else _("Keep it scheduled: it is sent only if the article is public by then")
        )
        if may_decide:
            choices = [(self.TAKE_BACK, _("Take it back: it becomes a draft again")), (self.KEEP, keep)]
            self.fields["decision"].choices = choices  # type: ignore[attr-defined]
        else:
            del self.fields["decision"]

    def counted_issues(self) -> list[tuple[Issue, str]]:
        """Return the emails, each with how many readers would get it now."""
        now = timezone.now()
        return [(issue, readers_text(reader_count(issue, now))) for issue in self.issues]

    def unscheduled(self) -> None:
        """Take the emails back, if that was chosen."""
        if self.cleaned_data.get("decision") == self.TAKE_BACK:
            for issue in self.issues:
                unschedule(issue=issue)

    def success_message(self) -> str:
        if self.cleaned_data.get("decision") != self.TAKE_BACK:
            return _("The email stays scheduled.")
        url = reverse("admin:newsletters_issue_change", args=[self.issues[0].pk])
        return format_html('{} <a href="{}">{}</a>', _("The email is a draft again."), url, _("View the email"))


def _may_tell(issue: Issue) -> str:
    """Return that the readers of `issue` may be told what has changed since then, with the page for it."""
    text = _("“%(issue)s” had an earlier version.") % {"issue": issue}
    url = reverse("admin:newsletters_issue_sending", args=[issue.pk])
    return format_html('{} <a href="{}">{}</a>', text, url, _("Tell those who got it"))
