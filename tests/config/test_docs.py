"""The documentation that the declarations make."""

from __future__ import annotations

from dataclasses import dataclass

from hls_mp4.config.docs import document
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.directives import HTTP, Flag, directive
from hls_mp4.web.finding.map import MapSettings
from hls_mp4.web.finding.script import ScriptSettings
from tests.config.settings import CLASSES


def test_every_directive_is_described() -> None:
    """Whatever can be written is in the documentation, once."""
    text = document(CLASSES)
    for name in (*STRUCTURE, "pid", "root", "alias", "types", "allow", "deny", "mp4"):
        assert text.count(f"\n### {name}\n") == 1
        assert f"[{name}](#{name})" in text


def test_an_entry_reads_like_one_of_nginx() -> None:
    """Syntax, default, contexts and what it does."""
    assert """
### mp4_buffer_size

```
Syntax:   mp4_buffer_size size;
Default:  mp4_buffer_size 512k;
Context:  http, server, location
```

First read.""" in document(CLASSES)


def test_an_entry_of_two_names_tells_them_apart() -> None:
    """Directives that share a field are described together."""
    assert """
### root

### alias

```
Syntax:   root path;
Syntax:   alias path;
Default:  root html;
Context:  http, server, location (root)
Context:  location (alias)
```

Where files are.

Only one of root and alias may stand in a block.""" in document(CLASSES)


def test_what_is_unusual_is_said() -> None:
    """Blocks, repetition and inheritance that does not happen are to be seen."""
    text = document(CLASSES)
    assert "Syntax:   types { ... }\nDefault:  —\n" in text
    assert "Headers.\n\nMay be given several times.\n" in text
    assert "Syntax:   mp4;\nDefault:  —\n" in text
    assert "Seeks.\n\nHolds in its own block only, not in those inside." in text


def test_sections_are_the_settings_classes() -> None:
    """What belongs together stands together, under the first line of the class's description."""
    headings = [line for line in document(CLASSES).splitlines() if line.startswith("## ")]
    assert headings == ["## Directives", "## Structure", "## The process", "## Files", "## Films"]


def test_what_is_unlike_nginx_is_said() -> None:
    """Whoever knows nginx reads in what a directive is not what it is there."""

    @dataclass(frozen=True)
    class Odd:
        """Odd things."""

        sendfile: bool = directive("sendfile", HTTP, Flag(), default="on", doc="Sends.", differs="nginx's is off")

    assert "Sends.\n\nUnlike nginx: nginx's is off.\n" in document([Odd])


def test_directives_of_one_order_have_entries_of_their_own() -> None:
    """They share a field and nothing else: each has its syntax, its contexts and what it does."""
    text = document((ScriptSettings,))
    for name in ("rewrite", "return", "set", "break", "if"):
        assert text.count(f"\n### {name}\n") == 1
    assert "\n### if\n\n```\nSyntax:   if (condition) { ... }\nDefault:  —\nContext:  server, location\n```\n" in text
    assert "Syntax:   break;\n" in text
    assert "Context:  server, location, if in server, if in location\n" in text


def test_a_table_shows_what_precedes_it() -> None:
    """A map has words before its brace."""
    assert "Syntax:   map source $variable { text value; ... }\n" in document((MapSettings,))
