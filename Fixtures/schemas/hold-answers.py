"""Holds answers against their schemas: hold-answers.py SCHEMAS, with one answer a line on standard input.

A line is {"from": "czar graph", "answer": {…}}. Each answer is held twice: against the schema as it is published, and against the same
schema closed to members that it does not name, so that nothing is answered that no schema promises. Prints a line for each complaint,
and last the names of the schemas that were used.
"""

import json
import pathlib
import sys

from jsonschema import Draft202012Validator


def closed(schema, in_place=False):
    """The schema with every object that names its members closed to others; `in_place` is a part of the object around it."""
    if isinstance(schema, list):
        return [closed(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    result = {key: closed(value, in_place=key in ("if", "then")) for key, value in schema.items()}
    if isinstance(schema.get("properties"), dict) and schema.get("type") == "object" and not in_place:
        result["unevaluatedProperties"] = False
    return result


def main():
    schemas = {}
    for file in sorted(pathlib.Path(sys.argv[1]).glob("*.json")):
        schema = json.loads(file.read_text())
        Draft202012Validator.check_schema(schema)
        schemas[schema["title"]] = schema
    used = set()
    for line in sys.stdin:
        item = json.loads(line)
        answer, source = item["answer"], item["from"]
        name = answer.get("schema")
        if name not in schemas:
            print(f"{source}: there is no schema '{name}'")
            continue
        used.add(name)
        complaints = {}
        for schema in (schemas[name], closed(schemas[name])):
            for error in Draft202012Validator(schema).iter_errors(answer):
                complaints[error.json_path + ": " + error.message[:300]] = None
        for complaint in complaints:
            print(f"{source} ({name}): {complaint}")
    print("used: " + " ".join(sorted(used)))


main()
