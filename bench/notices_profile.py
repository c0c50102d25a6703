"""``python -m bench.notices_profile NAME``: where the time of the suite ``notices`` goes, by function.

NAME is the beginning of a case ("morocco_pmmp", "ted, eForms call"); its pages are parsed for some seconds.
"""

from __future__ import annotations

import cProfile
import pstats
import sys
import time

from bench.notices import cases, parsed

_SECONDS = 3.0
_LINES = 20


def main() -> int:
    if len(sys.argv) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    chosen = [case for case in cases() if case.name.startswith(sys.argv[1])]
    for case in chosen:
        parsed(case)
    profile = cProfile.Profile(time.process_time)
    end = time.process_time() + _SECONDS
    with profile:
        while chosen and time.process_time() < end:
            for case in chosen:
                parsed(case)
    pstats.Stats(profile).strip_dirs().sort_stats("tottime").print_stats(_LINES)
    return 0


if __name__ == "__main__":
    sys.exit(main())
