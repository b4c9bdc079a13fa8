"""The page's templates; whatever comes from data is escaped in all of them."""

from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

_HERE = Path(__file__).parent


def template(name: str) -> Template:
    """Return the template of a file beside this one."""
    return _environment().get_template(name)


def source(name: str) -> str:
    """Return a file beside this one as it is."""
    return (_HERE / name).read_text(encoding="utf-8")


@cache
def _environment() -> Environment:
    return Environment(
        loader=FileSystemLoader(_HERE),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
