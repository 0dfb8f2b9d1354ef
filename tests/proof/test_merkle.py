"""The tree is the one of RFC 9162, and what is taken from it leads back to its root."""

from hashlib import sha256
from random import Random

import pytest

from letterbook.application.merkle import EMPTY, TILE, Frontier, Tree, root_of
from tests.proof.independent import verifier

LEAVES = [bytes.fromhex(each) for each in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
"""The reference trees of Certificate Transparency: the roots of the first one, two, three ... leaves."""

MANY = [sha256(bytes([number % 256, number // 256])).digest() for number in range(3 * TILE + 40)]


def as_defined(leaves: list[bytes]) -> bytes:
    """MTH, word for word from section 2.1.1."""
    if not leaves:
        return sha256().digest()
    if len(leaves) == 1:
        return sha256(b"\0" + leaves[0]).digest()
    k = max(2**power for power in range(20) if 2**power < len(leaves))
    return sha256(b"\1" + as_defined(leaves[:k]) + as_defined(leaves[k:])).digest()


def tree_of(leaves: list[bytes]) -> Tree:
    """A tree that knows the roots of its full tiles and looks the leaves up."""
    tiles = [leaves[start : start + TILE] for start in range(0, len(leaves), TILE)]
    return Tree([root_of(tile) for tile in tiles if len(tile) == TILE], lambda number: tiles[number])


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_certificate_transparency(size: int) -> None:
    assert root_of(LEAVES[:size]).hex() == tree_of(LEAVES).root(size).hex() == ROOTS[size - 1]


def test_a_tree_without_leaves_has_the_root_of_nothing() -> None:
    assert EMPTY == tree_of([]).root(0) == Frontier().root() == as_defined([])


@pytest.mark.parametrize("size", [1, 2, 3, TILE - 1, TILE, TILE + 1, 2 * TILE, 3 * TILE - 1, len(MANY)])
def test_every_way_to_make_a_tree_makes_the_same(size: int) -> None:
    """Leaf by leaf, from tiles, from the definition, and by the independent verifier."""
    branches: list[bytes] = []
    for number, leaf in enumerate(MANY[:size]):
        verifier.grow(branches, number, leaf)
    made = {root_of(MANY[:size]), tree_of(MANY).root(size), verifier.root_of(branches)}
    assert made == {as_defined(MANY[:size])}


@pytest.mark.parametrize("size", [*range(1, 34), TILE, TILE + 1, len(MANY)])
def test_every_leaf_leads_to_the_root(size: int) -> None:
    """And no other leaf, place or root does."""
    tree, chance = tree_of(MANY), Random(size)
    for index in range(size) if size < 34 else chance.sample(range(size), 20):
        path = tree.inclusion(index, size)
        assert verifier.root_from(MANY[index], index, size, [*path]) == tree.root(size)
        assert verifier.root_from(MANY[index + 1], index, size, [*path]) != tree.root(size)
        if path:
            spoilt = [*path]
            spoilt[chance.randrange(len(path))] = bytes(32)
            assert verifier.root_from(MANY[index], index, size, spoilt) != tree.root(size)


SIZES = [(old, new) for new in range(1, 18) for old in range(1, new + 1)]
SIZES += [(1, TILE), (TILE, TILE + 1), (TILE - 1, 3 * TILE), (2 * TILE, len(MANY)), (300, 700)]


@pytest.mark.parametrize(("old", "new"), SIZES)
def test_a_smaller_tree_is_the_beginning_of_a_larger_one(old: int, new: int) -> None:
    """And another one is not."""
    tree = tree_of(MANY)
    path = tree.consistency(old, new)
    good = tree.root(old), tree.root(new)
    assert verifier.roots_from(good[0], old, new, [*path]) == good
    other = root_of([*MANY[: old - 1], b"another"])
    found = verifier.roots_from(other, old, new, [*path])
    assert found != (other, good[1])


def test_nothing_is_the_beginning_of_everything() -> None:
    assert tree_of(MANY).consistency(0, 7) == []
