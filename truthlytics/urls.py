"""Root URL configuration."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from subscriptions.recent_login import recent_login_required
from truthlytics import views
from truthlytics.contact import views as contact
from truthlytics.web.lazy_import import lazy_view
from truthlytics.web.plugins import url_modules

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("subscriptions.urls")),
    path("account/", include("truthlytics.privacy.urls")),
    path("record/", include("truthlytics.transparency.urls")),
    path("account/emails/statistics/", include("truthlytics.newsroom.readership.email_urls")),
    # Instead of four of allauth's pages. Two need a recent login, which allauth does not ask of everyone.
    path("accounts/signup/", lazy_view("subscriptions.views.sign_up.sign_up"), name="account_signup"),
    path(
        "accounts/confirm-email/",
        lazy_view("subscriptions.views.sign_up.confirm"),
        name="account_email_verification_sent",
    ),
    path(
        "accounts/this-browser/<str:token>/",
        lazy_view("subscriptions.views.sessions.this_browser"),
        name="this_browser",
    ),
    path("accounts/email/", recent_login_required(lazy_view("allauth.account.views.email")), name="account_email"),
    path(
        "accounts/password/set/",
        recent_login_required(lazy_view("allauth.account.views.password_set")),
        name="account_set_password",
    ),
    path("accounts/", include("allauth.account.urls")),
    path("accounts/2fa/", include("subscriptions.mfa_urls")),
    path("accounts/sessions/", include("allauth.usersessions.urls")),
    path("admin/setup/", lazy_view("truthlytics.setup.views.setup"), name="newsroom_setup"),
    path("admin/styles/", include("truthlytics.tools.styleguide.urls")),
    path("admin/", admin.site.urls),
    path("contact/", contact.contact, name="contact"),
    path("contact/sent/", contact.sent, name="contact_sent"),
    path("", include("truthlytics.crawlers.urls")),
    path("", include("truthlytics.publication.urls")),
    *(path("", include(name)) for name in url_modules()),
]
if settings.SOCIALACCOUNT_PROVIDERS or settings.TESTING:
    urlpatterns.append(path("", include("subscriptions.identity.urls")))
if settings.DEMO or settings.DEBUG or settings.TESTING:
    urlpatterns.append(path("", include("truthlytics.tools.demo.urls")))

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
