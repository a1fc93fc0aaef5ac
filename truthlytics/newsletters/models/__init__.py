from truthlytics.newsletters.models.addresses import FOLLOWED, Address, Follow, FollowedEmail, SignUp, Suppression
from truthlytics.newsletters.models.deliveries import Delivery, ProviderEvent
from truthlytics.newsletters.models.issues import Issue, IssueArticle, IssueQuerySet, Variant
from truthlytics.newsletters.models.newsletters import Newsletter

__all__ = [
    "FOLLOWED",
    "Address",
    "Delivery",
    "Follow",
    "FollowedEmail",
    "Issue",
    "IssueArticle",
    "IssueQuerySet",
    "Newsletter",
    "ProviderEvent",
    "SignUp",
    "Suppression",
    "Variant",
]
