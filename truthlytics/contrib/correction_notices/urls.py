from django.urls import include, path

urlpatterns = [path("account/corrections/", include("truthlytics.contrib.correction_notices.account_urls"))]
