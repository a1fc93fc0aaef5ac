"""Every address of the site. The apps' own lists stand in their `urls.py`."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("subscriptions.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
]
