"""Python imports this at its start: it moves the clock of the tests, and of each process that they start.

`./run test --clock WHEN` sets the number of seconds.
"""

import os
import time

if seconds := os.environ.get("TEST_CLOCK"):
    import time_machine

    time_machine.travel(time.time() + float(seconds)).start()
    # The moved clock goes from the first time that it is asked on: later, it would be behind those of other processes.
    time.time()
