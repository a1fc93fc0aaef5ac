from truthlytics.newsletters.models.addresses import Address, DeletedAddress, SignUp, Suppression
from truthlytics.newsletters.models.deliveries import Delivery, ProviderEvent
from truthlytics.newsletters.models.followed_kinds import KINDS
from truthlytics.newsletters.models.follows import Follow, Followed, FollowedEmail, labels_of, names_of
from truthlytics.newsletters.models.issues import Issue, IssueArticle, IssueImage, IssueQuerySet, Variant
from truthlytics.newsletters.models.newsletters import Newsletter
