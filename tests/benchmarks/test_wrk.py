"""Reading what wrk found."""

from __future__ import annotations

from dataclasses import replace

import pytest

from benchmarks.wrk import LoadFailed, WrkResult, check, parse

OUTPUT = """\
Running 4s test @ http://127.0.0.1:8080/
  1 threads and 16 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency    12.88ms    2.01ms  30.11ms   80.00%
  4964 requests in 4.00s, 3.09GB read
Requests/sec:   1240.93
wrk-result {"requests": 4964, "microseconds": 4000000, "bytes": 3323164940, "bad_status": 0, "socket_errors": 0, \
"p50_us": 12680, "p99_us": 16181}
"""
RESULT = WrkResult(4964, 4.0, 3323164940, 0, 0, 12.68, 16.181)


def test_the_line_of_our_script_is_found_among_wrks_own() -> None:
    """Units are seconds and milliseconds, whatever wrk prints for people."""
    assert parse(OUTPUT) == RESULT


@pytest.mark.parametrize("output", ["", "unable to connect to 127.0.0.1:80 Connection refused\n"])
def test_wrk_that_never_got_to_its_end_is_a_failure(output: str) -> None:
    """A server that is gone is not a measurement, and wrk's own words are kept."""
    with pytest.raises(LoadFailed, match="nothing of use"):
        parse(output)


@pytest.mark.parametrize(
    "bad",
    [replace(RESULT, bad_status=1), replace(RESULT, socket_errors=3), replace(RESULT, requests=0)],
)
def test_one_error_status_spoils_a_run(bad: WrkResult) -> None:
    """A server that answers 500 fast is not a fast server."""
    assert check(RESULT) is RESULT
    with pytest.raises(LoadFailed):
        check(bad)
