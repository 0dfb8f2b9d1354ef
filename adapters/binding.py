"""Values as ``sqlite3`` binds them at once.

A value that is not exactly an int, a float, a str or a bytearray is first asked, in vain, who could adapt it:
0.9 µs for each ``bytes`` or ``bool``, and a write binds dozens. A copy of the bytes takes a tenth of that.
"""

blob = bytearray
"""Bytes that are bound, not asked."""
