"""nginx's configuration language to typed, frozen settings; every error with file:line."""

from hls_mp4.config.blocks import Config, LimitExcept, LocationBlock, ServerBlock
from hls_mp4.config.docs import document
from hls_mp4.config.listen import Listen
from hls_mp4.config.loader import load, load_from_text
from hls_mp4.config.nginx_table import with_table
from hls_mp4.config.problems import ConfigErrors, Place, Problem
from hls_mp4.config.registry import Registry
from hls_mp4.config.render import render
from hls_mp4.config.scope import Scope

__all__ = [
    "Config",
    "ConfigErrors",
    "LimitExcept",
    "Listen",
    "LocationBlock",
    "Place",
    "Problem",
    "Registry",
    "Scope",
    "ServerBlock",
    "document",
    "load",
    "load_from_text",
    "render",
    "with_table",
]
