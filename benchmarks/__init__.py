"""Benchmarks: ratios against peers and limits, measured in one run.

One file for each measured thing: it has ``measure(bench)``, which gives findings, and is listed in
``__main__``. Ours and its peers take turns in every round, so a noisy neighbour slows all of them; what
counts is the ratio of each round.
"""
