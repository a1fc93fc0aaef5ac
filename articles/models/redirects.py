"""Addresses that an article had before, on this site or on another."""

from django.db import models

from .articles import Article


class OldAddress(models.Model):
    """`path` as it stood behind the host, percent-decoded, without a trailing slash; answered with 301."""

    path = models.CharField(max_length=500, unique=True)
    article = models.ForeignKey(Article, models.CASCADE, related_name="old_addresses")

    class Meta:
        verbose_name_plural = "old addresses"

    def __str__(self) -> str:
        return self.path

    @staticmethod
    def normal(path: str) -> str:
        """The one form in which a path is stored and looked up."""
        return "/" + path.split("?", 1)[0].split("#", 1)[0].strip("/")
