from django.urls import path

from truthlytics.contrib.mcp.views import mcp

urlpatterns = [path("mcp", mcp, name="mcp")]
