"""The newsroom: Django's admin with its own front door."""

from django.contrib import admin


class NewsdeskSite(admin.AdminSite):
    site_header = "Truthlytics"
    site_title = "Truthlytics newsroom"
    index_title = "The desk"
    enable_nav_sidebar = False
