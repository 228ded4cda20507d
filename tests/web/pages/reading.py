"""A page as a browser takes it, for tests that ask what is on it."""

from __future__ import annotations

from html.parser import HTMLParser

_VOID = ("meta", "link", "path", "rect", "circle", "use", "input", "source")


class Page(HTMLParser):
    """A page, well formed or the test fails: its links with their texts, and the texts of its elements.

    Args:
        body: the page as it is sent.
    """

    def __init__(self, body: bytes) -> None:
        super().__init__(convert_charrefs=True)
        self.links: list[tuple[str, str]] = []
        self.texts: dict[str, str] = {}
        self.elements: list[tuple[str, dict[str, str]]] = []
        self._open: list[str] = []
        self.feed(body.decode("utf-8"))
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len(dict(attrs)) == len(attrs)
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in _VOID:
            self._open.append(tag)
        if tag == "a":
            self.links.append((dict(attrs)["href"] or "", ""))

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        pass

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag] = self.texts.get(tag, "") + data
        if "a" in self._open:
            href, text = self.links[-1]
            self.links[-1] = (href, text + data)

    def all(self, tag: str) -> list[dict[str, str]]:
        """Return the attributes of every element of a name."""
        return [attributes for name, attributes in self.elements if name == tag]

    def leads(self, text: str) -> str:
        """Return where the only link with a text leads."""
        (found,) = {href for href, shown in self.links if shown == text}
        return found
