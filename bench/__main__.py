"""`make bench`: every measured ratio, side by side in one run. Prints a table and writes out/bench.json."""

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

import bench

OUT = Path(__file__).parent.parent / "out" / "bench.json"


def main(wanted: list[str]) -> int:
    """Runs the modules named, or all that have figures; 1 where a target is missed."""
    results: list[dict[str, Any]] = []
    for module in pkgutil.iter_modules(bench.__path__, "bench."):
        name = module.name.removeprefix("bench.")
        if name.startswith("_") or (wanted and name not in wanted):
            continue
        print(f"{name} …", file=sys.stderr, flush=True)
        results += importlib.import_module(module.name).figures()
    for figure in results:
        verdict = "holds" if figure["holds"] else "MISSED"
        print(
            f"{figure['name']:<32} {figure['value']:>10} {figure['unit']:<10} target {figure['target']:>8}  {verdict}"
        )
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(results, indent=1) + "\n")
    return 0 if all(figure["holds"] for figure in results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
