"""set gives variables their values."""

import re
from collections.abc import Callable

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from hls_mp4.web.finding.set import read_set, uninitialized, variable_name
from tests.web.harness import Served
from tests.web.test_content import ask

Serve = Callable[..., Served]


@pytest_twisted.ensureDeferred
async def test_a_variable_of_ones_own(serve: Serve) -> None:
    """It is known before its line and after it, in every spelling, and each request has its own."""
    served = serve("add_header X $Kind; set $kind film; location / { set $n ${KIND}-$arg_n; return 200 $n$n; }")
    _, headers, body = await ask(served, "/?n=1")
    assert (headers["x"], body) == ("film", b"film-1film-1")
    assert (await ask(served, "/?n=2"))[2] == b"film-2film-2"


@pytest_twisted.ensureDeferred
async def test_the_last_value_counts(serve: Serve) -> None:
    """Between set and what an expression caught under the same name, the last one holds."""
    served = serve("location ~ ^/(?<name>.) { set $before $name; set $name set; return 200 $before/$name; }")
    assert (await ask(served, "/x"))[2] == b"x/set"
    served = serve("set $name set; location ~ ^/(?<name>.) { return 200 $name; }")
    assert (await ask(served, "/x"))[2] == b"x"


@pytest_twisted.ensureDeferred
async def test_arguments(serve: Serve) -> None:
    """$args can be replaced: what asks for arguments afterwards sees the new ones."""
    served = serve("location / { set $args q=$arg_a; return 200 '$args|$arg_q|$query_string|$is_args'; }")
    assert (await ask(served, "/?a=5"))[2] == b"q=5|5|q=5|?"


@pytest_twisted.ensureDeferred
async def test_the_rate(serve: Serve) -> None:
    """$limit_rate can be replaced; what is no size is a line in the log and changes nothing."""
    served = serve("limit_rate 9k; location / { set $limit_rate $arg_rate; return 200 $limit_rate; }")
    assert (await ask(served, "/?rate=100k"))[2] == b"102400"
    with capturedLogs() as events:
        assert (await ask(served, "/?rate=fast"))[2] == b"9216"
    assert 'invalid $limit_rate "fast"' in [event.get("reason") for event in events]


@pytest_twisted.ensureDeferred
async def test_an_argument_of_ones_own(serve: Serve) -> None:
    """A name that an argument could have is a variable like any other once it is set."""
    assert (await ask(serve("location / { set $arg_x made; return 200 $arg_x; }"), "/?x=sent"))[2] == b"made"


@pytest.mark.parametrize(("switch", "lines"), [("", 1), ("uninitialized_variable_warn off;", 0)])
@pytest_twisted.ensureDeferred
async def test_a_variable_that_was_not_set(serve: Serve, switch: str, lines: int) -> None:
    """It is empty, and a warning unless that was turned off."""
    served = serve(f"{switch} location / {{ if ($arg_a) {{ set $never x; }} return 200 <$never>; }}")
    with capturedLogs() as events:
        assert (await ask(served, "/"))[2] == b"<>"
    said = [event["reason"] for event in events if "uninitialized" in str(event.get("reason"))]
    assert said == ['using uninitialized "never" variable'] * lines
    assert callable(uninitialized("x"))


@pytest_twisted.ensureDeferred
async def test_what_was_escaped_stays_escaped(serve: Serve) -> None:
    """Captures in values are escaped before the first rewrite that matched, as nginx does it, and not after it."""
    served = serve("location ~ ^/q/(.*) { set $a $1; return 200 $a; }")
    assert (await ask(served, "/q/a%20b%26c"))[2] == b"a%20b%26c"
    served = serve("location / { rewrite ^/(.)/(.*) /x/$2; set $a $2; return 200 $a; }")
    assert (await ask(served, "/r/a%20b%26c"))[2] == b"a b&c"


@pytest.mark.parametrize(
    ("args", "reason"),
    [
        (["$a"], "invalid number of arguments"),
        (["a", "b"], 'invalid variable name "a"'),
        (["$", "b"], 'invalid variable name "$"'),
        (["$1", "b"], 'invalid variable name "$1"'),
        (["$a-b", "b"], 'invalid variable name "$a-b"'),
        (["$uri", "b"], 'the duplicate "uri" variable'),
        (["$Status", "b"], 'the duplicate "status" variable'),
        (["$a", "$nothing"], 'unknown "nothing" variable'),
    ],
)
def test_mistakes(args: list[str], reason: str) -> None:
    """Names that are none, and variables that are nginx's own, are refused."""
    with pytest.raises(ValueError, match=re.escape(reason)):
        read_set(args)


def test_names_are_in_small_letters() -> None:
    """$Kind and $kind are the same variable."""
    assert variable_name("$Kind") == "kind"
