"""What crawlers may do here: robots.txt, a licence, trust.txt, the refusal of some, and who signs their requests.

The choices are columns of the publication (*Settings → Crawlers*). The package may import the apps, but no other
feature and not the newsroom.
"""
