"""The API's own description, and whether what it answers is described there.

Every answer that a test gets through api.py from the API's port is checked: its status, its type, its headers, and its
body, in which no field may be that isn't documented. So is the body of a request that was accepted: the description must
not be stricter than the API.
"""

import json
import re
import urllib.parse

import jsonschema

METHODS = ("get", "put", "post", "delete", "patch")
UNREAD = (400, 413, 414, 431)  # the HTTP library's own, for what it can't read: short pages, as described in the text
PROBLEM = "application/problem+json"


class Document:
    def __init__(self, document):
        self.document = document
        self.faults = []  # also those that were found in threads, where nobody sees them
        self.seen = set()  # (method, path, status)
        self.validators = {}
        # What is written out goes before what is a parameter, as in the API.
        self.paths = [(re.compile("/".join("[^/]+" if part.startswith("{") else re.escape(part)
                                           for part in path.split("/")) + "$"), path)
                      for path in sorted(document["paths"], key=lambda path: path.replace("{", "\x7f"))]

    def resolve(self, value):
        while "$ref" in value:
            place = self.document
            for name in value["$ref"].removeprefix("#/").split("/"):
                place = place[name.replace("~1", "/").replace("~0", "~")]
            value = place
        return value

    def path_of(self, target):
        """The documented path that an address belongs to; None: there is none."""
        plain = target.partition("?")[0]
        return next((path for pattern, path in self.paths if pattern.match(plain)), None)

    def operations(self):
        """(method, path, operation) of all."""
        for path, item in self.document["paths"].items():
            for method in METHODS:
                if method in item:
                    yield method.upper(), path, item[method]

    def scope(self, operation):
        """That the key must have; None: none is needed."""
        security = operation.get("security", self.document["security"])
        scopes = {scope for way in security for names in way.values() for scope in names}
        assert len(scopes) == bool(security), security
        return scopes.pop() if scopes else None

    def parameters(self, path, operation):
        both = self.document["paths"][path].get("parameters", []) + operation.get("parameters", [])
        return [self.resolve(parameter) for parameter in both]

    def valid(self, schema, value):
        """None, or what is wrong."""
        key = id(schema)
        if key not in self.validators:
            # References are from the root of what is given to it.
            rooted = {**schema, "components": self.document["components"]}
            self.validators[key] = jsonschema.Draft202012Validator(rooted)
        error = jsonschema.exceptions.best_match(self.validators[key].iter_errors(value))
        return error and f"{'/'.join(map(str, error.absolute_path))}: {error.message[:500]}"

    # --- what is looked at ---

    def check(self, method, target, headers, body, answer):
        fault = self.fault(method, target, headers, body, answer)
        if fault:
            text = f"{method} {target[:200]} is not as documented: {fault}\n{answer}"
            self.faults.append(text)
            raise AssertionError(text)

    def fault(self, method, target, headers, body, answer):
        if answer.status in UNREAD and "content-type" not in answer.headers and answer.body.startswith(b"<html>"):
            return None
        path = self.path_of(target)
        if path is None:
            return self.problem_fault(answer, 404)
        item = self.document["paths"][path]
        documented = [name.upper() for name in METHODS if name in item]
        if method not in documented and not (method == "HEAD" and "GET" in documented):
            return self.problem_fault(answer, 405) or self.allow_fault(documented, answer)
        operation = item["get" if method == "HEAD" else method.lower()]
        response = operation["responses"].get(str(answer.status))
        if response is None:
            return f"status {answer.status}"
        self.seen.add((method, path, answer.status))
        return self.answer_fault(self.resolve(response), method, answer) or (
            self.request_fault(path, operation, target, headers, body) if answer.status < 300 else None)

    def problem_fault(self, answer, status):
        if answer.status != status or answer.headers.get("content-type") != PROBLEM:
            return f"not a problem {status}"
        return self.valid(self.document["components"]["schemas"]["Problem"], answer.json) if answer.body else None

    @staticmethod
    def allow_fault(documented, answer):
        allowed = {word.strip() for word in answer.headers.get("allow", "").split(",")} - {"HEAD"}
        return None if allowed == set(documented) else f"Allow: {answer.headers.get('allow')}; documented: {documented}"

    def answer_fault(self, response, method, answer):
        for name, header in response.get("headers", {}).items():
            fault = self.header_fault(name, self.resolve(header), answer.headers.get(name.lower()))
            if fault:
                return fault
        content = response.get("content", {})
        if not content or method == "HEAD":
            return None if not answer.body else "a body"
        kind = answer.headers.get("content-type", "").partition(";")[0]
        if kind not in content:
            return f"content type {kind!r}"
        if kind == "application/x-ndjson":
            message = self.document["components"]["schemas"]["Message"]
            return next(filter(None, (self.valid(message, json.loads(line)) for line in answer.body.splitlines()[:100])), None)
        return None if kind == "text/csv" else self.valid(content[kind]["schema"], answer.json)

    def header_fault(self, name, header, value):
        if value is None:
            return f"no header {name}" if header.get("required") else None
        fault = self.valid(header["schema"], typed(header["schema"], value))
        return fault and f"header {name}: {fault}"

    def request_fault(self, path, operation, target, headers, body):
        query = urllib.parse.parse_qsl(target.partition("?")[2], keep_blank_values=True)
        known = {p["name"]: p for p in self.parameters(path, operation) if p["in"] == "query"}
        for name, value in query:
            if name not in known:
                return f"accepted the query parameter {name!r}"
            schema = self.resolve(known[name]["schema"])
            fault = self.valid(known[name]["schema"], typed(schema, value))
            if fault:
                return f"accepted the query parameter {name}={value!r}: {fault}"
        if "requestBody" not in operation:
            return None
        content = self.resolve(operation["requestBody"])["content"]
        given = {name.lower(): value for name, value in dict(headers).items()}.get("content-type", "application/json")
        kind = given.partition(";")[0]
        if not body or kind not in content or not kind.endswith(("/json", "+json")):
            return None
        fault = self.valid(content[kind]["schema"], json.loads(body))
        return fault and f"accepted a body that is not as documented: {fault}"


def typed(schema, text):
    """A text from an address or a header as what the schema says that it is."""
    kinds = schema.get("type", "string")
    if "integer" in kinds and re.fullmatch(r"-?[0-9]+", text):
        return int(text)
    if "boolean" in kinds and text in ("true", "false"):
        return text == "true"
    return text
