from django.urls import path

from truthlytics.crawlers import views

urlpatterns = [
    path("robots.txt", views.robots, name="robots"),
    path("license.xml", views.machine_license, name="license"),
    path("trust.txt", views.trust, name="trust"),
    path(".well-known/trust.txt", views.trust, name="well_known_trust"),
]
