"""Every address of the site. The apps' own lists stand in their `urls.py`."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from truthlytics import views
from truthlytics.styleguide import views as styleguide

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("subscriptions.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("subscriptions.mfa_urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("admin/styles/", admin.site.admin_view(styleguide.site), name="styles"),
    path("admin/styles/newsroom/", admin.site.admin_view(styleguide.desk), name="styles_newsroom"),
    path("admin/", admin.site.urls),
    path("robots.txt", views.robots, name="robots"),
]
if settings.DEMO:
    from truthlytics.demo.emails import letters_page

    urlpatterns.append(path("demo/letters/", letters_page, name="demo-letters"))

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
