"""Scans folders with YARA-X: the folder of the rules is the argument, the
folders to scan are a JSON list on the standard input."""
import json
import pathlib
import sys
import time

import yara_x

compiler = yara_x.Compiler(relaxed_re_syntax=True)
for path in sorted(pathlib.Path(sys.argv[1]).glob("*.yar")):
    compiler.new_namespace(path.stem)
    try:
        compiler.add_source(path.read_text())
    except yara_x.CompileError:
        # It names files that only the program that ships it puts in.
        print(f"left out: {path.name}", file=sys.stderr)
rules = compiler.build()
results = []
for folder in json.load(sys.stdin):
    begin = time.monotonic()
    kinds = set()
    for path in sorted(pathlib.Path(folder).rglob("*")):
        if path.is_file():
            found = yara_x.Scanner(rules).scan(path.read_bytes())
            kinds.update(rule.identifier for rule in found.matching_rules)
    results.append({"kinds": sorted(kinds), "risk": bool(kinds), "seconds": time.monotonic() - begin})
json.dump({"results": results}, sys.stdout)
