"""Addresses of the site: pages of newsletters, and of readers who delete their address without an account."""

from django.conf import settings
from django.urls import include, path

from truthlytics.newsletters.views import deletion

urlpatterns = [
    path("newsletters/", include("truthlytics.newsletters.urls")),
    path("account/address/deleted/", deletion.address_deleted, name="newsletter_address_deleted"),
    path("account/address/<str:token>/", deletion.address, name="newsletter_address"),
]
if settings.MAIL_EVENTS_SECRET:
    urlpatterns.append(path("mail-events/", include("truthlytics.newsletters.provider_urls")))
