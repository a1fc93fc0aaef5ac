from django.urls import path

from truthlytics.web.lazy_import import lazy_view

VIEWS = "truthlytics.contrib.quotations.views"

urlpatterns = [path("check/", lazy_view(f"{VIEWS}.check_quotation"), name="check_quotation")]
