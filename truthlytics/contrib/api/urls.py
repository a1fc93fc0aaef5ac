from django.urls import include, path

urlpatterns = [
    path("account/keys/", include("truthlytics.contrib.api.account_urls")),
    path("api/", include("truthlytics.contrib.api.endpoint_urls")),
]
