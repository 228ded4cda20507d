"""Configurations as they are found in the world, and the one that we ship."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest

from hls_mp4.config import Config, ConfigErrors, Registry, load, load_from_text, render
from hls_mp4.config.structure import STRUCTURE
from hls_mp4.packagers.progressive.settings import Mp4Settings
from hls_mp4.service.settings import ErrorLogSettings, ServiceSettings
from hls_mp4.service.settings_classes import settings_classes
from hls_mp4.web.mimetypes import BUILT_IN, TypeSettings

CLASSES = settings_classes()
SHIPPED = Path(__file__).parent.parent.parent / "etc" / "mp4stream"

MP4_MODULE_EXAMPLE = """
location /video/ {
    mp4;
    mp4_buffer_size     1m;
    mp4_max_buffer_size 5m;
}
"""

DEBIAN = """
user www-data;
worker_processes auto;
pid /run/nginx.pid;
error_log /var/log/nginx/error.log;
include modules-enabled/*.conf;

events {
\tworker_connections 768;
}

http {
\tsendfile on;
\ttcp_nopush on;
\ttypes_hash_max_size 2048;
\t# server_tokens off;

\tinclude mime.types;
\tdefault_type application/octet-stream;

\tssl_protocols TLSv1.2 TLSv1.3; # none older
\tssl_prefer_server_ciphers on;

\taccess_log /var/log/nginx/access.log;
\tgzip on;

\tinclude conf.d/*.conf;
\tinclude sites-enabled/*;
}
"""

SITE = """
server {
\tlisten 80 default_server;
\tlisten [::]:80 default_server;
\troot /var/www/html;
\tindex index.html index.htm index.nginx-debian.html;
\tserver_name _;
\tlocation / {
\t\ttry_files $uri $uri/ =404;
\t}
\t# pass PHP scripts to FastCGI server
\t#location ~ \\.php$ {
\t#\tinclude snippets/fastcgi-php.conf;
\t#\tfastcgi_pass unix:/run/php/php7.4-fpm.sock;
\t#}
}
"""


def test_the_example_of_nginx_mp4_module_means_what_it_says() -> None:
    """The location of the module's documentation is understood as it stands."""
    config = load_from_text(f"http {{ server {{ {MP4_MODULE_EXAMPLE} }} }}", CLASSES)
    (location,) = config.servers[0].locations
    settings = location.scope[Mp4Settings]
    assert (location.pattern, settings.enabled) == ("/video/", True)
    assert (settings.buffer_size, settings.max_buffer_size) == (1 << 20, 5 << 20)
    assert config.warnings == ()


def test_the_configuration_of_debian_nginx_loads(tmp_path: Path) -> None:
    """A machine that ran nginx goes on with the same files; what will not happen is told."""
    (tmp_path / "nginx.conf").write_text(DEBIAN)
    (tmp_path / "mime.types").write_text("types {\n    text/html html htm;\n    video/mp4 mp4;\n}\n")
    for folder in ("modules-enabled", "conf.d", "sites-enabled", "snippets"):
        (tmp_path / folder).mkdir()
    (tmp_path / "modules-enabled" / "50-mod-http-image-filter.conf").write_text("load_module modules/x.so;\n")
    (tmp_path / "sites-enabled" / "default").write_text(SITE)
    (tmp_path / "snippets" / "fastcgi-php.conf").write_text("fastcgi_index index.php;\n")
    config = load(str(tmp_path / "nginx.conf"), settings=CLASSES)

    ignored = [re.match('"(.+)" directive is not supported', problem.message) for problem in config.warnings]
    assert sorted(found[1] for found in ignored if found) == [
        *("load_module", "types_hash_max_size"),
    ]
    assert len(ignored) == 2 and all(re.search(r":\d+$", str(problem.place)) for problem in config.warnings)
    (server,) = config.servers
    assert [listen.address for listen in server.listens] == ["0.0.0.0:80", "[::]:80"]
    assert config.main[ServiceSettings].pid == "/run/nginx.pid"
    assert config.http[ErrorLogSettings].targets[0].path == "/var/log/nginx/error.log"
    assert server.scope[TypeSettings].types == {"html": "text/html", "htm": "text/html", "mp4": "video/mp4"}


def test_what_we_ship_has_nothing_to_complain_of() -> None:
    """The example is right, and serves films on port 8080."""
    config = shipped(SHIPPED)
    assert config.warnings == ()
    assert [listen.port for server in config.servers for listen in server.listens] == [8080]
    films = [location for location in config.servers[0].locations if location.scope[Mp4Settings].enabled]
    assert len(films) == 1 and films[0].scope[Mp4Settings].start_key_frame


def shipped(folder: Path) -> Config:
    """Return the configuration in a copy of the shipped folder."""
    return load(str(folder / "mp4stream.conf"), settings=CLASSES)


def test_the_example_shows_every_directive() -> None:
    """A person can find out what there is by reading it."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in SHIPPED.rglob("*") if path.is_file())
    names = [name for slot in Registry(CLASSES).slots for name in slot.directive.names]
    assert [name for name in (*STRUCTURE, *names) if not re.search(rf"^ *#?{name}\b", text, re.M)] == []


def suggestions() -> list[tuple[str, str]]:
    """Return (file, line) of every directive that is shown as a comment."""
    return [
        (path.relative_to(SHIPPED).as_posix(), line)
        for path in sorted(SHIPPED.rglob("*.conf"))
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.match(r" *#\S", line)
    ]


@pytest.mark.parametrize(("file", "line"), suggestions())
def test_what_the_example_suggests_can_be_said(file: str, line: str, tmp_path: Path) -> None:
    """Taking the # away from a line gives a configuration that loads, or says what else to take out."""
    folder = tmp_path / "mp4stream"
    shutil.copytree(SHIPPED, folder)
    (folder / "hls.key").write_bytes(bytes(16))  # is read when it is named
    text = (folder / file).read_text(encoding="utf-8")
    (folder / file).write_text(text.replace(line, line.replace("#", "", 1)), encoding="utf-8")
    try:
        assert shipped(folder).warnings == ()
    except ConfigErrors as e:
        assert [problem.message.partition('" ')[2] for problem in e.problems] == ["directive is duplicate"]


def test_the_shipped_table_of_types_has_all_that_holds_without_it() -> None:
    """Including mime.types takes no type away and changes none."""
    types = shipped(SHIPPED).http[TypeSettings].types
    assert {suffix: types.get(suffix) for suffix in BUILT_IN} == dict(BUILT_IN)


def test_a_dump_of_what_we_ship_can_be_used() -> None:
    """What was understood is a configuration of its own and means the same."""
    config = shipped(SHIPPED)
    again = load_from_text(render(config, Registry(CLASSES).slots), CLASSES, prefix=config.prefix)
    assert again.http.all() == config.http.all()
    for one, other in zip(config.servers, again.servers, strict=True):
        assert one.scope.all() == other.scope.all()
        for inner, again_inner in zip(one.locations, other.locations, strict=True):
            assert inner.scope.all() == again_inner.scope.all()
