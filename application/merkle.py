"""The Merkle tree over the hashes of events, as RFC 9162 (section 2.1) defines it.

A leaf is one event's hash. Trees of every size up to the number of leaves are there at once, so that what was
true of a smaller one can be proved of a larger one.
"""

from collections.abc import Callable, Iterable, Sequence
from functools import cache
from hashlib import sha256

TILE = 256
"""Leaves whose common root is kept. A power of two: such a stretch is a whole branch of every larger tree."""
EMPTY = sha256().digest()
"""The root of a tree without leaves."""


def leaf(event: bytes) -> bytes:
    """The hash of a leaf."""
    return sha256(b"\0" + event).digest()


def node(left: bytes, right: bytes) -> bytes:
    """The hash of what has two branches."""
    return sha256(b"\1" + left + right).digest()


class Frontier:
    """A tree that grows a leaf at a time and remembers no more than its whole branches."""

    def __init__(self) -> None:
        self._branches: list[bytes] = []
        self.size = 0

    def add(self, event: bytes) -> None:
        """One more leaf."""
        branch, size = leaf(event), self.size
        while size & 1:
            branch, size = node(self._branches.pop(), branch), size >> 1
        self._branches.append(branch)
        self.size += 1

    def root(self) -> bytes:
        """The root of the tree as it is now."""
        if not self._branches:
            return EMPTY
        root = self._branches[-1]
        for branch in reversed(self._branches[:-1]):
            root = node(branch, root)
        return root


def root_of(events: Iterable[bytes]) -> bytes:
    """The root of the tree with these leaves."""
    tree = Frontier()
    for event in events:
        tree.add(event)
    return tree.root()


class Tree:
    """A tree whose leaves are looked up when they are needed, and whose tiles' roots are known."""

    def __init__(self, tile_roots: Sequence[bytes], tile: Callable[[int], Sequence[bytes]]) -> None:
        """``tile`` gives the leaves of the tile with a number; those of the last ones may be too few."""
        self._roots = tile_roots
        self._tile = cache(tile)
        self._branch = cache(self._made)

    def root(self, size: int) -> bytes:
        """The root of the tree of this size."""
        return self._branch(0, size) if size else EMPTY

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """What leads from the leaf at ``index`` to the root of a size (RFC 9162, 2.1.3.1)."""
        path: list[bytes] = []
        start, end = 0, size
        while end - start > 1:
            middle = start + _left(end - start)
            if index < middle:
                path.append(self._branch(middle, end))
                end = middle
            else:
                path.append(self._branch(start, middle))
                start = middle
        return path[::-1]

    def consistency(self, older: int, newer: int) -> list[bytes]:
        """What shows that the tree of one size begins with the other one (RFC 9162, 2.1.4.1)."""
        path: list[bytes] = []
        start, end, whole = 0, newer, True
        while 0 < older != end:
            middle = start + _left(end - start)
            if older <= middle:
                path.append(self._branch(middle, end))
                end = middle
            else:
                path.append(self._branch(start, middle))
                start, whole = middle, False
        return path[::-1] if whole else [self._branch(start, end), *path[::-1]]

    def _made(self, start: int, end: int) -> bytes:
        if end - start == 1:
            return leaf(self._tile(start // TILE)[start % TILE])
        if end - start == TILE and start // TILE < len(self._roots):
            return self._roots[start // TILE]
        middle = start + _left(end - start)
        return node(self._branch(start, middle), self._branch(middle, end))


def _left(leaves: int) -> int:
    """How many of these leaves are in the left branch: the largest power of two below them."""
    return 1 << (leaves - 1).bit_length() - 1
