"""Filters for the plain text of newsletters."""

from django import template

from truthlytics.newsletters.email_html import plain

register = template.Library()
register.filter("plain_email", plain)
