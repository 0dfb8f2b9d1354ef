"""The verifier that knows nothing of Letterbook, loaded as what it is: one file."""

from pathlib import Path

from benchmarks.verifying import load

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docs" / "verifier.py"
verifier = load()
