"""The figures of a run: one JSON line for each, as it is known, and a table at the end."""

import json


class Figures:
    def __init__(self):
        self.lines = []

    def put(self, figure, value, unit, what, **more):
        """what: its line in the table; more goes into the JSON line."""
        value = round(value, 3 if abs(value) < 10 else 1)
        value = int(value) if value == int(value) else value
        self.lines.append((what, value, unit))
        print(json.dumps({"figure": figure, **more, "value": value, "unit": unit}), flush=True)

    def head(self, text):
        self.lines.append((text, None, None))

    def text(self, head, lines):
        """Lines of their own in the table."""
        self.lines.append((head, None, None))
        self.lines.extend((line, None, "text") for line in lines)

    def context(self, context):
        print(json.dumps({"context": context}), flush=True)
        self._context = context

    def _context_lines(self):
        for name, value in self._context.items():
            if isinstance(value, dict):
                value = ", ".join(f"{key} {text}" for key, text in value.items()) or "none"
            yield f"{name.replace('_', ' ')}: {value}"

    def table(self):
        width = max(len(what) for what, value, _ in self.lines if value is not None)
        for what, value, unit in self.lines:
            if value is None:
                print(f"  {what}" if unit else f"\n{what}")
                continue
            text = f"{value:,.0f}" if unit == "messages" else f"{value:,.2f}" if value < 100 else f"{value:,.1f}"
            print(f"  {what:<{width}} {text:>12} {unit}")
        print("\nOn what")
        for line in self._context_lines():
            print(f"  {line}")
