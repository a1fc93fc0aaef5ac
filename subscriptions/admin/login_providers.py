"""Removes allauth's own lists of providers, tokens and connected accounts, which this site does not use."""

import allauth.socialaccount.admin  # noqa: F401 - registers them
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialToken
from django.contrib import admin

admin.site.unregister([SocialAccount, SocialApp, SocialToken])
