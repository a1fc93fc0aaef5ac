"""Run all due periodic jobs."""

from argparse import ArgumentParser

from django.core.checks import Tags
from django.core.management.base import BaseCommand, CommandError
from django.db import connection, connections
from django.utils import timezone

from truthlytics.jobs.groups import Group
from truthlytics.jobs.listed import GROUPS
from truthlytics.jobs.models import JobProblem
from truthlytics.jobs.processes import GroupProcess
from truthlytics.jobs.running import run_group


class Command(BaseCommand):
    help = (
        "Run all due periodic jobs once, each group in a process of its own. Safe to run twice or a week late. A group "
        "that is still running is left out."
    )

    # Of the settings only, as for `serve`.
    requires_system_checks = [Tags.caches, Tags.files, Tags.security]

    def add_arguments(self, parser: ArgumentParser) -> None:
        names = [group.name for group in GROUPS]
        parser.add_argument("groups", nargs="*", metavar="GROUP", help=f"one of {', '.join(names)} (default: all)")

    def handle(self, *args: object, groups: list[str], **options: object) -> None:
        if unknown := set(groups) - {group.name for group in GROUPS}:
            raise CommandError(f"There is no group of jobs named {', '.join(sorted(unknown))}.")
        chosen = [group for group in GROUPS if not groups or group.name in groups]
        # Inside of a transaction, which other processes do not see, tests call it.
        errors = run_here(chosen) if connection.in_atomic_block else run_in_processes(chosen)
        if errors:
            raise CommandError("Some jobs failed: " + "; ".join(errors))


def run_here(groups: list[Group]) -> list[str]:
    """Run the jobs of all groups in this process, and return what failed."""
    return [error for group in groups for error in run_group(group)]


def run_in_processes(groups: list[Group]) -> list[str]:
    """Run each group in a process of its own, all at once, and return what failed."""
    started = timezone.now()
    connections.close_all()
    processes = [GroupProcess(group) for group in groups]
    for process in processes:
        process.process.join()
        process.record_end()
    failed = JobProblem.objects.filter(noticed_at__gte=started, failures__gt=0)
    return [f"{row.job} ({row.problem})" for row in failed]
