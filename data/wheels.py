# Lays wheels out as pip would (PyPA, Binary distribution format), in the
# sandbox: what is pure or of a platform into `site`, data beside it, and a
# program in `bin` for each console script. Nothing of a wheel is run.
import configparser
import email.parser
import json
import os
import shutil
import sys
import zipfile

FILES, BYTES = 400_000, 4 << 30
LAUNCHER = """#!/usr/bin/python3
import os, site, sys
here = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "site")
os.environ["PYTHONPATH"] = os.pathsep.join(filter(None, [here, os.environ.get("PYTHONPATH")]))
sys.path.insert(0, here)
site.addsitedir(here)
from {module} import {first}
sys.exit({attribute}())
"""


def main(folder, listed, told):
    with open(os.path.join(folder, listed)) as file:
        items = json.load(file)
    left_out, programs, name = [], {}, ""
    files, size = FILES, BYTES
    for number, item in enumerate(items):
        if not item["path"].endswith(".whl"):
            left_out.append(item["path"] + ": no wheel; building it would run its code")
            continue
        try:
            with zipfile.ZipFile(item["archive"]) as wheel:
                for entry in wheel.infolist():
                    to = place(entry.filename)
                    if to is None or entry.is_dir():
                        continue
                    files, size = files - 1, size - entry.file_size
                    if files < 0 or size < 0:
                        sys.exit(f"more than {FILES} files, or {BYTES >> 20} MiB")
                    path = os.path.join(folder, *to)
                    os.makedirs(os.path.dirname(path), exist_ok=True)
                    with wheel.open(entry) as source, open(path, "wb") as out:
                        shutil.copyfileobj(source, out)
                    runs = to[0] == "bin" or entry.external_attr >> 16 & 0o111
                    os.chmod(path, 0o755 if runs else 0o644)
                if number == 0:
                    name, programs = described(wheel)
        # Whatever is wrong with one, the others are laid out.
        except Exception as error:
            left_out.append(f"{item['path']}: {error}")
    bins = {}
    for program, target in programs.items():
        module, _, attribute = target.split("[")[0].strip().partition(":")
        words = module.split(".") + attribute.split(".")
        if not all(word.isidentifier() for word in words) or "/" in program:
            continue
        path = os.path.join(folder, "bin", program)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "w") as out:
            out.write(
                LAUNCHER.format(module=module, first=attribute.split(".")[0], attribute=attribute)
            )
        os.chmod(path, 0o755)
    scripts = os.path.join(folder, "bin")
    for program in sorted(os.listdir(scripts)) if os.path.isdir(scripts) else []:
        bins[program] = "bin/" + program
    laid = {"path": "", "name": name, "bins": bins, "scripts": [], "left_out": left_out[:100]}
    with open(os.path.join(folder, told), "w") as out:
        json.dump([laid], out)


def place(name):
    """Where a file of a wheel goes, if it goes anywhere."""
    parts = name.split("/")
    if any(part in ("", ".", "..") for part in parts) or "\\" in name or "\0" in name:
        return None
    if parts[0].endswith(".data") and len(parts) > 2:
        kind = {"purelib": "site", "platlib": "site", "scripts": "bin", "data": ""}
        if parts[1] not in kind:
            return None
        out = [part for part in [kind[parts[1]], *parts[2:]] if part]
        # What lays them out keeps its own files there meanwhile.
        return None if not out or out[0].startswith(".assay-") else out
    return ["site", *parts]


def described(wheel):
    """The name and the console scripts of a wheel."""
    name, programs = "", {}
    for entry in wheel.namelist():
        folder, _, file = entry.partition("/")
        if not folder.endswith(".dist-info"):
            continue
        if file == "METADATA":
            text = wheel.read(entry).decode("utf-8", "replace")
            name = email.parser.HeaderParser().parsestr(text).get("Name", "")
        if file == "entry_points.txt":
            points = configparser.RawConfigParser(delimiters=("=",), strict=False)
            points.optionxform = str
            points.read_string(wheel.read(entry).decode("utf-8", "replace"))
            if points.has_section("console_scripts"):
                programs = dict(points.items("console_scripts"))
    return name, programs


main(*sys.argv[1:])
