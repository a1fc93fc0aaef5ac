from comments.models.comments import MAX_PATH_LENGTH, STEP_LENGTH, Comment, CommentQuerySet, Revision
from comments.models.decisions import Appeal, Decision, Suspension
from comments.models.imported import ImportedEmail
from comments.models.notifications import Follow, ModeratorEmails, Mute, Notification
from comments.models.reports import Report, open_reports
from comments.models.threads import Thread
from comments.models.votes import ChangedVotes, Vote
