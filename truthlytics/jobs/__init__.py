"""The periodic jobs of `tick`: which there are, how they are run, and what is known of those that fail.

Jobs are divided into groups. Each group has a lock and a process of its own, so that none waits for a job of another:
what strangers can send never delays money or publication. A job that does not end in time is ended.
"""
