"""Every address of the site. The apps' own lists stand in their `urls.py`."""

from allauth.mfa.totp.views import activate_totp
from django.conf import settings
from django.contrib import admin
from django.urls import include, path
from django.utils.csp import CSP
from django.views.decorators.csp import csp_override

from truthlytics import views
from truthlytics.styleguide import views as styleguide

# The one page with a picture in a data: address: the square code of an authenticator app.
with_square_code = csp_override({**settings.SECURE_CSP, "img-src": [CSP.SELF, "data:"]})

urlpatterns = [
    path("", include("articles.urls")),
    path("", include("comments.urls")),
    path("", include("subscriptions.urls")),
    path("accounts/2fa/totp/activate/", with_square_code(activate_totp), name="mfa_activate_totp"),
    path("accounts/", include("allauth.urls")),
    path("admin/styles/", admin.site.admin_view(styleguide.site), name="styles"),
    path("admin/styles/newsroom/", admin.site.admin_view(styleguide.desk), name="styles_newsroom"),
    path("admin/", admin.site.urls),
    path("robots.txt", views.robots, name="robots"),
]
if settings.DEMO:
    from truthlytics.demo.letters import letters_page

    urlpatterns.append(path("demo/letters/", letters_page, name="demo-letters"))

handler400 = views.bad_request
handler404 = views.not_found
handler500 = views.server_error
