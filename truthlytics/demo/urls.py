"""URLs of the demo, included only when DEMO is set."""

from django.urls import path
from django.views.generic import RedirectView

from truthlytics.demo import emails

urlpatterns = [
    path("emails/", emails.sent_emails, name="demo-emails"),
    path("letters/", RedirectView.as_view(pattern_name="demo-emails")),
]
