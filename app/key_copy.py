"""The copy of the keys on this machine's disk; ``models.credentials.copy`` says what it is for."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import NamedTemporaryFile

from models.credentials import copy


class KeyCopy:
    """The copy of one namespace. Every method blocks: call it from a thread."""

    def __init__(self, data_dir: Path, namespace: str) -> None:
        """Prepare; nothing is written yet."""
        self._path = copy.place(data_dir, namespace)

    def read(self) -> dict[str, bytes] | None:
        """Return the packed keys by id, or None where there never was a copy.

        Raises:
            OSError: It cannot be read.
            CredentialError: It is damaged.
        """
        try:
            return copy.unpack(self._path.read_bytes())
        except FileNotFoundError:
            return None

    def write(self, keys: Mapping[str, bytes]) -> None:
        """Replace it, under another name first, so that what has its name is whole.

        Raises:
            OSError: It cannot be written.
        """
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        # A temporary file is its owner's alone, and stays so.
        with NamedTemporaryFile(dir=self._path.parent, prefix=".", delete=False) as file:
            written = Path(file.name)
            try:
                file.write(copy.pack(keys))
                file.flush()
                written.replace(self._path)
            except OSError:
                written.unlink(missing_ok=True)
                raise
