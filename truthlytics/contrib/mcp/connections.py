"""The address for assistants, on *Settings → Connections*."""

from django.conf import settings
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse

from truthlytics.web.slots import show_in


@show_in("connections")
def address(request: HttpRequest) -> str:
    return render_to_string("admin/mcp/_address.html", {"mcp_url": f"{settings.SITE_URL}{reverse('mcp')}"})
