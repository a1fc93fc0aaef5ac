"""URLs of the demo, included only in demos, in development and in tests."""

from django.urls import path
from django.views.generic import RedirectView

from truthlytics.tools.demo import emails, views

app_name = "demo"
urlpatterns = [
    path("demo/emails/", emails.sent_emails, name="emails"),
    path("demo/emails/<slug:name>/", emails.email_html, name="email_html"),
    path("demo/letters/", RedirectView.as_view(pattern_name="demo:emails")),
    path("checkout/<uuid:uuid>/demo/", views.payment, name="payment"),
    path("checkout/<uuid:uuid>/demo/subscription/", views.subscription, name="subscription"),
]
