"""One topic is merged into another: first what that moves, then it is done."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.views.decorators.http import require_http_methods

from articles.models import Topic
from articles.services.merge_topics import CannotMerge, merge_topics, weigh


class MergeForm(forms.Form):
    into = forms.ModelChoiceField(queryset=Topic.objects.none(), label="The topic that stays", empty_label="Choose one")

    def __init__(self, topic: Topic, *args: Any) -> None:
        super().__init__(*args)
        self.fields["into"].queryset = Topic.objects.standing().exclude(pk=topic.pk)  # type: ignore[attr-defined]


@require_http_methods(["GET", "HEAD", "POST"])
def merge_page(request: HttpRequest, pk: int, admin: Any) -> HttpResponse:
    """Chosen with GET, done with POST."""
    topic: Topic = admin.get_object(request, str(pk))
    if not request.user.has_perm("articles.change_topic"):
        raise PermissionDenied
    given = request.POST if request.method == "POST" else request.GET
    form = MergeForm(topic, given if "into" in given or request.method == "POST" else None)
    chosen: Topic | None = form.cleaned_data["into"] if form.is_valid() else None
    hindrance = f"It was merged into “{topic.merged_into}” already." if topic.merged_into else ""
    if request.method == "POST" and chosen is not None and not hindrance:
        try:
            merge_topics(topic=topic, into=chosen)
        except CannotMerge as error:
            hindrance, chosen = str(error), None
        else:
            return _done(admin, request, topic, chosen)
    context = admin.admin_site.each_context(request) | {
        "title": "Merge into another topic", "opts": admin.opts, "original": topic, "form": form,
        "chosen": chosen, "hindrance": hindrance, "weight": weigh(topic, chosen) if chosen else None,
    }  # fmt: skip
    refused = request.method == "POST" or bool(form.errors)
    return TemplateResponse(request, "admin/articles/topic/merge.html", context, status=422 if refused else 200)


def _done(admin: Any, request: HttpRequest, topic: Topic, into: Topic) -> HttpResponse:
    said = f"“{topic}” was merged into “{into}”, and its address leads there."
    admin.log_change(request, topic, said)
    admin.message_user(request, said, messages.SUCCESS)
    return redirect("admin:articles_topic_change", into.pk)
