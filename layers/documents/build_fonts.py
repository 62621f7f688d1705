"""Builds the fonts that documents are set in: `python -m documents.build_fonts` with `layers` on the path.

Takes the variable Noto Sans JP (SIL Open Font License) out of a pinned wheel and writes its regular and bold instances
with every character they have, and without what a PDF has no use for. Does nothing where the result is up to date.
"""

import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import uharfbuzz as hb

from documents.typeface import FONTS

_SOURCES = (Path(__file__), Path(__file__).with_name("build-requirements.txt"))
_FOLDER = "justmytype_intl_cjk/fonts/ofl/notosansjp/"
_WEIGHTS = {"regular.ttf": 400.0, "bold.ttf": 700.0}
_LICENCE = "OFL.txt"
_STAMP = "built-from"
# Rules for shaping, vertical setting, hinting and choosing a variation: a document is set horizontally, glyph by glyph.
_UNUSED_TABLES = ("BASE", "GDEF", "GPOS", "GSUB", "STAT", "gasp", "prep", "vhea", "vmtx")


def build() -> bool:
    """Writes the fonts and their licence; False where they were up to date. Raises where the wheel cannot be had."""
    inputs = [*(source.read_bytes() for source in _SOURCES), hb.version_string().encode()]
    wanted = hashlib.sha256(b"".join(inputs)).hexdigest()
    stamp = FONTS / _STAMP
    if stamp.exists() and stamp.read_text() == wanted:
        return False
    FONTS.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(_download(Path(folder))) as wheel:
        variable = hb.Face(hb.Blob(wheel.read(f"{_FOLDER}NotoSansJP[wght].ttf")))
        for name, weight in _WEIGHTS.items():
            (FONTS / name).write_bytes(_instance(variable, weight))
        (FONTS / _LICENCE).write_bytes(wheel.read(_FOLDER + _LICENCE))
    stamp.write_text(wanted)
    return True


def _download(folder: Path) -> Path:
    subprocess.run(  # noqa: S603 - nothing in this command comes from outside
        [
            *(sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check"),
            *("--no-deps", "--require-hashes", "--requirement", str(_SOURCES[1]), "--dest", str(folder)),
        ],
        check=True,
    )
    (wheel,) = folder.glob("*.whl")
    return wheel


def _instance(variable: hb.Face, weight: float) -> bytes:
    wanted = hb.SubsetInput()
    wanted.unicode_set.update(variable.unicodes)
    wanted.pin_axis_location(variable, "wght", weight)
    wanted.drop_table_tag_set.update(int.from_bytes(tag.encode()) for tag in _UNUSED_TABLES)
    wanted.flags = hb.SubsetFlags.NO_HINTING | hb.SubsetFlags.NO_LAYOUT_CLOSURE | hb.SubsetFlags.NOTDEF_OUTLINE
    return bytes(hb.subset(variable, wanted).blob.data)


if __name__ == "__main__":
    print(f"fonts: {'built' if build() else 'up to date'}")
