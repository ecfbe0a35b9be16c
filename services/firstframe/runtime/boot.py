"""The first and last lines of a service's process."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Awaitable, Callable

from firstframe.core.errors import FirstframeError, Internal

SETUP = 2
"""Exit code when somebody has to change something before the service can start."""


def run(main: Callable[[], Awaitable[None]]) -> None:
    """Runs a service to its end; what stops it from starting becomes one line and exit code 2, a fault a traceback.

    Args:
        main: `main` of the service's `app`.
    """

    async def serve() -> None:
        await main()

    try:
        asyncio.run(serve())
    except Internal:
        raise
    except FirstframeError as error:
        print(f"error: {error.message} [{error.reason}]", file=sys.stderr)  # noqa: T201  (nothing else may be set up yet)
        sys.exit(SETUP)
