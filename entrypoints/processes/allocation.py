"""What this process frees goes back to the system.

The allocator of glibc takes large blocks from the system one by one, and gives them back when they are freed.
But with each that is freed it takes for large only what is larger still, up to 32 MiB; all below comes out of heaps,
which stay as large as they were once, in pieces between what is still in use. A service that answered a few pictures
keeps hundreds of megabytes so.
"""
from __future__ import annotations

import ctypes

# Of mallopt(3), as malloc.h of glibc numbers them.
_M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD, _M_ARENA_MAX = -1, -3, -8
# A net of pictures makes and frees blocks of up to 5 MiB at each layer: to take each of them from the system makes its
# answer half as long again.
LARGE_BYTES, HEAPS = 8 << 20, 4


def give_back_what_is_freed() -> None:
    """To be called before the first threads start. Does nothing where there is another C library."""
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return
    mallopt(_M_MMAP_THRESHOLD, LARGE_BYTES)
    mallopt(_M_TRIM_THRESHOLD, 2 * LARGE_BYTES)
    mallopt(_M_ARENA_MAX, HEAPS)
