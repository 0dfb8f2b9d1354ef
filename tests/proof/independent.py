"""The verifier that knows nothing of Letterbook, loaded as what it is: one file."""

from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent.parent
FILE = ROOT / "docs" / "verifier.py"


def load() -> ModuleType:
    """The verifier's functions."""
    spec = spec_from_file_location("letterbook_verifier", FILE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


verifier = load()
