"""What a picture must have before it is published."""

from django.db.models import Q

from articles.models import Image
from articles.prose import pictures_in


def wordless(body: str, lead: int | None = None) -> list[str]:
    """A sentence for each picture of the clean `body`, and of the `lead` (its key), that lacks alt text or credit."""
    used = Q(pk=lead) | Q(uuid__in=pictures_in(body)) if lead else Q(uuid__in=pictures_in(body))
    reasons = []
    for image in Image.objects.lacking_words().filter(used):
        lacking = " and ".join(name for name, said in (("alt text", image.alt), ("a credit", image.credit)) if not said)
        reasons.append(f"Give the picture “{image}” {lacking}, in the library.")
    return reasons
