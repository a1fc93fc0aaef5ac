"""The button with which readers claim imported comments. The notice with it is on the account page."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from articles.access import ReaderRequest
from comments.services.claiming import claim_comments
from truthlytics.web.users import user_of


@login_required
@require_POST
def claim(request: ReaderRequest) -> HttpResponse:
    if number := claim_comments(by=user_of(request)):
        text = ngettext("%(number)d comment is yours now.", "%(number)d comments are yours now.", number)
        messages.success(request, text % {"number": number})
    return redirect("comments:mine")
