"""The clock of this machine, for tests beside other programs, whose clock `./run test --clock` does not move."""

import os
import time

import time_machine


def real_clock() -> time_machine.travel:
    return time_machine.travel(time.time() - float(os.environ.get("TEST_CLOCK") or 0))
