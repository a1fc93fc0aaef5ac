"""Merging a topic into another: a page that shows the effects, and the merge itself."""

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from articles.admin.base import BaseAdmin
from articles.models import Topic
from articles.services.merge_topics import MergeError, merge_summary, merge_topics
from truthlytics.web.form_fields import choice_field


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(
        queryset=Topic.objects.none(), label=gettext_lazy("Merge into"), empty_label=gettext_lazy("Choose a topic")
    )

    def __init__(self, topic: Topic, data: QueryDict | None) -> None:
        super().__init__(data)
        choice_field(self, "into").queryset = Topic.objects.unmerged().exclude(pk=topic.pk)


@require_http_methods(["GET", "HEAD", "POST"])
def merge_page(request: HttpRequest, pk: int, admin: BaseAdmin) -> HttpResponse:
    """Show the effects of merging into the topic in the query; POST merges."""
    topic: Topic = admin.get_object(request, str(pk))
    if not request.user.has_perm("articles.change_topic"):
        raise PermissionDenied
    posted = request.method == "POST"
    data = request.POST if posted else request.GET
    form = MergeForm(topic, data if posted or "into" in data else None)
    into: Topic | None = form.cleaned_data["into"] if form.is_valid() else None
    blocker = (
        _("This topic has already been merged into “%(merged_into)s”.") % {"merged_into": topic.merged_into}
        if topic.merged_into
        else ""
    )
    if posted and into is not None and not blocker:
        try:
            merge_topics(topic=topic, into=into)
        except MergeError as error:
            blocker, into = str(error), None
        else:
            return _success(admin, request, topic, into)
    context = admin.view_context(
        request,
        title=_("Merge into another topic"),
        original=topic,
        form=form,
        chosen=into,
        blocker=blocker,
        summary=merge_summary(topic, into) if into else None,
    )
    status = 422 if posted or form.errors else 200
    return TemplateResponse(request, "admin/articles/topic/merge.html", context, status=status)


def _success(admin: BaseAdmin, request: HttpRequest, topic: Topic, into: Topic) -> HttpResponse:
    message = _("“%(topic)s” was merged into “%(into)s”. Its URL redirects there.") % {"topic": topic, "into": into}
    admin.log_change(request, topic, message)
    admin.message_user(request, message, messages.SUCCESS)
    return redirect("admin:articles_topic_change", into.pk)
