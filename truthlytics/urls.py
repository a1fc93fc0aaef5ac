"""Every address of the site. The apps' own lists stand in their `urls.py`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from truthlytics import views

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("subscriptions.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("robots.txt", views.robots, name="robots"),
]
if settings.DEMO:
    from truthlytics.demo.letters import letters_page

    urlpatterns.append(path("demo/letters/", letters_page, name="demo-letters"))

handler404 = views.not_found
