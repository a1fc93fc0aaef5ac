"""Appeals against removals and suspensions, and the form to answer them."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from comments.admin.base import ModerationAdmin, writer_of
from comments.models import Appeal
from comments.models.decisions import MAX_REASON_LENGTH
from comments.services import AlreadyAnswered, NotPossible, answer_appeal
from comments.services.appeals import may_answer
from comments.text import excerpt, render
from truthlytics.audit.log import log_changes
from truthlytics.web.generic import ModelAdmin
from truthlytics.web.types import Choices
from truthlytics.web.users import user_of


class AnswerForm(forms.Form):
    result = forms.ChoiceField(
        label=_("Answer"),
        choices=[("stands", _("The decision stands")), ("reversed", _("The decision is reversed"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose an answer.")},
    )
    reason = forms.CharField(
        label=_("Reason"),
        max_length=MAX_REASON_LENGTH,
        widget=forms.TextInput(attrs={"class": "vTextField"}),
        help_text=_("Emailed to the writer."),
        error_messages={"required": _("Enter a reason.")},
    )


class AnsweredFilter(admin.SimpleListFilter):
    title = _("state")
    parameter_name = "state"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Appeal]) -> Choices:
        return [("open", _("Waiting")), ("answered", _("Answered"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Appeal]) -> QuerySet[Appeal]:
        if self.value() in {"open", "answered"}:
            return queryset.filter(answered_at__isnull=self.value() == "open")
        return queryset


@admin.register(Appeal)
class AppealAdmin(ModerationAdmin):
    purpose = _("When readers disagree with a decision about their comment, their appeals arrive here.")
    list_display = ("beginning", "kind", "writer", "decided_by", "created_at", "state")
    list_filter = (AnsweredFilter,)
    list_per_page = 50
    show_facets = admin.ShowFacets.NEVER
    search_fields = ("text", "answer", "decision__writer_name", "decision__by_name")
    # Open appeals first, then the latest answers.
    ordering = (F("answered_at").desc(nulls_first=True), "created_at", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Appeal]:
        appeals = super().get_queryset(request).exclude(decision__writer=request.user.pk)
        return appeals.select_related("decision__suspension", "decision__comment", "answered_by")

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Show the decision, the comment and the appeal, with a form for moderators."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        appeal: Appeal | None = self.get_object(request, object_id)
        if appeal is None:
            raise Http404("There is no such appeal.")
        form = AnswerForm(request.POST if request.method == "POST" else None)
        status, error = 200, ""
        if request.method == "POST":
            if not self.has_moderate_permission(request):
                raise PermissionDenied
            status, error = self._answer(request, appeal, form)
            if not status:
                return redirect("admin:comments_appeal_changelist")
        context = self.admin_site.each_context(request) | {
            "title": _("Appeal"),
            "opts": self.opts,
            "appeal": appeal,
            "decision": appeal.decision,
            "words": render(appeal.decision.words),
            "form": form,
            "error": error,
            "may_answer": appeal.answered_at is None and may_answer(appeal, user_of(request)),
            "is_own": appeal.decision.by_id == request.user.pk,
        }
        return TemplateResponse(request, "admin/comments/appeal.html", context, status=status)

    def _answer(self, request: HttpRequest, appeal: Appeal, form: AnswerForm) -> tuple[int, str]:
        """Answer the appeal. Returns the status and the error with which to show the form again; 0 if answered."""
        if not form.is_valid():
            return 422, ""
        upheld = form.cleaned_data["result"] == "stands"
        try:
            with transaction.atomic(), log_changes([appeal], by=user_of(request), message=gettext("Appeal answered.")):
                answer_appeal(appeal=appeal, by=user_of(request), upheld=upheld, reason=form.cleaned_data["reason"])
        except AlreadyAnswered as exists:
            by = exists.appeal.answered_by
            return 409, _("%(name)s has already answered this appeal.") % {"name": by or _("Somebody else")}
        except NotPossible as error:
            return 403, str(error.message)
        self.message_user(request, _("The answer has been sent to the writer."), messages.SUCCESS)
        return 0, ""

    @admin.display(description=_("appeal"))
    def beginning(self, appeal: Appeal) -> str:
        return excerpt(appeal.text, 120)

    @admin.display(description=_("decision"))
    def kind(self, appeal: Appeal) -> str:
        return appeal.decision.get_kind_display()

    @admin.display(description=_("writer"))
    def writer(self, appeal: Appeal) -> str:
        return writer_of(appeal.decision)

    @admin.display(description=_("decided by"), ordering="decision__by_name")
    def decided_by(self, appeal: Appeal) -> str:
        return appeal.decision.by_name

    @admin.display(description=_("state"), ordering="answered_at")
    def state(self, appeal: Appeal) -> str | Promise:
        if appeal.answered_at is None:
            return _("Waiting")
        result = _("Decision stands") if appeal.upheld else _("Decision reversed")
        return f"{result} ({_('own decision')})" if appeal.is_own_decision else result
