"""yaml_to_json.py IN OUT VERSION: the API's description as JSON, with the version of this build in it."""

import json
import sys

import yaml


def main(source, target, version):
    with open(source, encoding="utf-8") as text:
        document = yaml.safe_load(text)
    document["info"]["version"] = version
    with open(target, "w", encoding="ascii") as out:
        json.dump(document, out, separators=(",", ":"))


main(*sys.argv[1:])
