"""The admin of newsletters: what they contain, who sends them, and when digests appear."""

from typing import Any, cast

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import Count, Max, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.formats import time_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop

from articles.admin.base import BaseAdmin
from articles.admin.editing.context import as_json
from articles.admin.formatting import short_datetime
from articles.forms.choices import ImageChoice
from articles.forms.widgets import CleanTextarea, ImageSelect
from articles.models import Image
from truthlytics.newsletters.models import Newsletter, SignUp
from truthlytics.publication.colours import clean_colour, schemes
from truthlytics.publication.slugs import SlugFromNameForm
from truthlytics.web.dates import local_date
from truthlytics.web.form_fields import SafeModelMultipleChoiceField
from truthlytics.web.types import TemplateContext

SCHEDULE = ("schedule", "weekday", "time")


class NewsletterForm(SlugFromNameForm):
    header = ImageChoice(
        label=gettext_lazy("Header picture"),
        required=False,
        widget=ImageSelect(gettext_lazy("Header picture")),
        help_text=Newsletter._meta.get_field("header").help_text,
    )

    class Meta:
        model = Newsletter
        fields = "__all__"
        widgets = {
            "description": forms.Textarea(attrs={"rows": 2}),
            "time": forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
            "sections": forms.CheckboxSelectMultiple,
            "accent": forms.TextInput(attrs={"size": 9, "spellcheck": "false"}),
            "footer": CleanTextarea(attrs={"rows": 4}),
        }
        field_classes = {"sections": SafeModelMultipleChoiceField}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "header" in self.fields:
            cast(ImageChoice, self.fields["header"]).offer(self["header"].value())

    def clean_header(self) -> Image | None:
        image: Image | None = self.cleaned_data["header"]
        if image is not None and not image.complete:
            raise ValidationError(_("This image has no alt text or no credit. Add them in the library first."))
        return image

    def clean_accent(self) -> str:
        return clean_colour(self.cleaned_data["accent"], schemes()[0], _("on the light page"))

    def clean_sender_name(self) -> str:
        return " ".join(self.cleaned_data["sender_name"].split())

    def clean(self) -> dict[str, object]:
        data = super().clean()
        if data.get("schedule") and data.get("time") is None and "time" not in self.errors:
            self.add_error("time", _("Choose at what time the digest is sent."))
        if data.get("schedule") == Newsletter.Schedule.WEEKLY and data.get("weekday") is None:
            self.add_error("weekday", _("Choose the day on which the digest is sent."))
        return data


@admin.register(Newsletter)
class NewsletterAdmin(BaseAdmin):
    purpose = gettext_lazy("Newsletters bring articles, digests and letters to the inboxes of readers who want them.")
    form = NewsletterForm
    list_display = ("name", "readers", "digests", "last_sent", "is_offered", "position")
    fieldsets = (
        (None, {"fields": ("name", "description", "slug", "required_level", "is_offered", "position")}),
        (
            gettext_lazy("Sender"),
            {
                "fields": ("sender_name", "sender_address", "reply_to"),
                "description": gettext_lazy(
                    "Your mail server must be allowed to send for the domain of the address (SPF and DKIM)."
                ),
            },
        ),
        (gettext_lazy("Appearance"), {"fields": ("header", "accent", "footer")}),
        (
            gettext_lazy("Digests"),
            {
                "fields": ("schedule", "weekday", "time", "sections", "shows_pictures", "needs_approval"),
                "description": gettext_lazy(
                    "A digest has the articles that appeared since the last one. If there are none, nothing is sent."
                ),
            },
        ),
    )

    change_form_template = "admin/articles/image_select_form.html"

    def render_change_form(
        self, request: HttpRequest, context: TemplateContext, *args: Any, **kwargs: Any
    ) -> HttpResponse:
        header = context["original"].header if context.get("original") else None
        context["pictures"] = {str(header.uuid): as_json(header)} if header else {}
        return super().render_change_form(request, context, *args, **kwargs)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Newsletter]:
        active = SignUp.objects.active().filter(newsletter=OuterRef("pk")).order_by().values("newsletter")
        count = active.annotate(number=Count("pk")).values("number")
        sent = Max("issues__prepared_at", filter=Q(issues__prepared_at__isnull=False))
        newsletters: QuerySet[Newsletter] = super().get_queryset(request)
        return newsletters.annotate(reader_count=Subquery(count), last_sent_at=sent)

    def get_readonly_fields(self, request: HttpRequest, obj: Newsletter | None = None) -> Any:
        """The address of a newsletter stays once it has been sent: emails have links with it."""
        fields = super().get_readonly_fields(request, obj)
        return [*fields, "slug"] if obj is not None and obj.issues.sent().exists() else fields

    @admin.display(description=gettext_lazy("readers"), ordering="reader_count")
    def readers(self, newsletter: Any) -> int:
        return newsletter.reader_count or 0

    @admin.display(description=gettext_lazy("digest"), empty_value="–")
    def digests(self, newsletter: Newsletter) -> str | None:
        if not newsletter.schedule or newsletter.time is None:
            return None
        time = time_format(newsletter.time, "H:i")
        if newsletter.schedule == Newsletter.Schedule.DAILY:
            return _("Daily at %(time)s") % {"time": time}
        return _("%(weekday)s at %(time)s") % {"weekday": newsletter.get_weekday_display(), "time": time}

    @admin.display(description=gettext_lazy("last sent"), ordering="last_sent_at", empty_value="–")
    def last_sent(self, newsletter: Any) -> str | None:
        return short_datetime(newsletter.last_sent_at) if newsletter.last_sent_at else None

    def save_model(self, request: HttpRequest, obj: Newsletter, form: forms.BaseForm, change: bool) -> None:
        if {*SCHEDULE} & {*form.changed_data}:
            # The first digest is that of the next time, and not one that would have been due before.
            obj.scheduled_since = timezone.now()
        super().save_model(request, obj, form, change)

    def deletion_blocker(self, obj: Newsletter) -> str | Promise:
        sent = obj.issues.sent().order_by("prepared_at").first()
        if sent is None or sent.prepared_at is None:
            return ""
        day = local_date(sent.prepared_at, gettext_noop("j F Y"))
        return _(
            "This newsletter has been sent since %(day)s, so it cannot be deleted. "
            "You can end it: untick “readers can sign up” and choose no digest."
        ) % {"day": day}
