"""Names of task queues. A worker of its own runs the slow one, so that emails never wait behind it."""

# Tasks that may take seconds or minutes: images, and pages that change with what they show.
SLOW = "slow"
# Newsletters that are being sent, and webhooks. Both work in short turns and wait for nothing else: an import of the
# slow queue may take hours.
NEWSLETTERS = "newsletters"
