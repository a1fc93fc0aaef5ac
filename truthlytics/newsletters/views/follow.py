"""Following an author, a dossier or the like by email."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from truthlytics.newsletters.forms import FollowForm
from truthlytics.newsletters.models import KINDS, Address, SignUp
from truthlytics.newsletters.services import follows
from truthlytics.newsletters.services.sign_up import own_address
from truthlytics.newsletters.views.readers import confirmed_reader
from truthlytics.newsletters.views.sign_up import ask
from truthlytics.web.rate_limits import allow


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def follow(request: HttpRequest, kind: str, slug: str) -> HttpResponse:
    """GET asks how often to send new articles; POST follows, or with `action=unfollow` stops that.

    Visitors without a login confirm by email. The pages with the link to this one are cached for all visitors.
    """
    now = timezone.now()
    found = KINDS[kind].find(slug, now) if kind in KINDS else None
    if found is None:
        raise Http404("There is nothing to follow here.")
    name = KINDS[kind].names([found.pk], now)[found.pk]
    reader = confirmed_reader(request)
    address = Address.objects.filter(user=reader).first() if reader is not None else None
    own = address.follows.filter(**{kind: found}).first() if address is not None else None
    if request.method == "POST" and request.POST.get("action") == "unfollow":
        if address is not None and own is not None:
            follows.unfollow(address=address, ids=[own.pk])
            messages.success(request, _("You no longer follow %(name)s.") % {"name": name})
        return redirect(found)
    frequency = address.frequency if address is not None else Address.Frequency.DAILY
    form = FollowForm(
        request.POST if request.method == "POST" else None, reader=reader, initial={"frequency": frequency}
    )
    if form.is_valid():
        followed, frequency = [(kind, found.pk)], form.cleaned_data["frequency"]
        if reader is None:
            return ask(request, form, followed=followed, frequency=frequency, source=SignUp.Source.PAGE)
        if not allow(request, "follow", per_account=200, per_address=600, seconds=3600):
            return render(request, "429.html", status=429)
        address = address or own_address(reader)
        follows.follow(address=address, followed=followed, frequency=frequency, now=now)
        messages.success(request, _("You follow %(name)s.") % {"name": name})
        return redirect(found)
    context = {
        "form": form,
        "found": found,
        "name": name,
        "is_followed": own is not None,
        "is_stopped": address is not None and address.follows_stopped_at is not None,
    }
    return render(request, "newsletters/follow.html", context, status=422 if form.errors else 200)
