"""Proctor's command on Ray, whatever the search is worth: `python on_ray.py first|early run ...`.

With `first`, Ray is there before the first trial, as where threads have no working directory of their own.
With `early`, it starts as the first trial does.
"""

import sys

from service.cli import main
from service.commands import pools

if __name__ == "__main__":
    if sys.argv.pop(1) == "first":
        vars(pools)["threads_may_have_own"] = lambda: False
    else:
        pools.WORTH_SECONDS = 0.0
    main()
