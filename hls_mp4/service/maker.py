"""What twistd calls: options in, service out.

Everything that can go wrong goes wrong here, before twistd leaves the terminal: the configuration, the plugins, the
log files, the account, the folder of the pid file and every socket. A person reads one line for each mistake, marked
as nginx marks it, and the exit status is 1.
"""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

from twisted.logger import Logger

from hls_mp4.config.blocks import Config
from hls_mp4.config.loader import load, load_from_text
from hls_mp4.config.problems import ConfigErrors
from hls_mp4.service.agreement import check_agreement
from hls_mp4.service.build import SiteBuilder, error_targets, wanted_addresses
from hls_mp4.service.daemon import Daemon, Door, Plant
from hls_mp4.service.errorlog import ErrorLog, LogFiles, emergency
from hls_mp4.service.folder import folder_configuration
from hls_mp4.service.limits import raise_open_files
from hls_mp4.service.listeners import CannotListen, bind_all, close_all
from hls_mp4.service.options import Options
from hls_mp4.service.pidfile import PidFile
from hls_mp4.service.plugins import Plugins, discover
from hls_mp4.service.privileges import Account, NoSuchAccount, account_of, is_root
from hls_mp4.service.settings import ErrorLogSettings, ErrorTarget, ServiceSettings
from hls_mp4.service.settings_classes import settings_classes

__all__ = ["Options", "makeService"]

log = Logger()

USUAL_UMASK = 0o022


def makeService(options: Options) -> Daemon:
    """Return the daemon that the command line asks for; its sockets listen already.

    Raises:
        SystemExit: it cannot be started; why is on standard error, and in the file of `--error-log`.
    """
    from twisted.internet import reactor

    named_log = options["error-log"]
    try:
        return Daemon(prepare(options, reactor), reactor)
    except (ConfigErrors, CannotListen, NoSuchAccount) as wrong:
        emergency(str(wrong), named_log if named_log != "stderr" else "")
    except OSError as failed:
        reason = f'open() "{failed.filename}" failed ({failed.errno}: {failed.strerror})' if failed.filename else failed
        emergency(str(reason), named_log if named_log != "stderr" else "")
    raise SystemExit(1)


def prepare(options: Options, reactor: Any) -> Plant:
    """Return everything the daemon runs with.

    Raises:
        ConfigErrors: in the configuration.
        CannotListen: an address cannot be bound.
        NoSuchAccount: `user` names nobody.
        OSError: a log or the pid file cannot be written.
    """
    plugins = discover()
    config = configuration(options, plugins)
    for warning in config.warnings:
        print(f"mp4stream: [warn] {warning}", file=sys.stderr)
    settings = config.main[ServiceSettings]
    if not settings.daemon:
        options.stay_in_foreground()
    if options.in_foreground or settings.pid:
        options.drop_twistd_pidfile()

    files = LogFiles()
    error_log = ErrorLog(files, own_targets(options, config))
    files.open([*error_log.targets, *error_targets(config)])
    pid_file = PidFile(settings.pid)
    pid_file.check()
    account = whom_to_become(settings)
    raise_open_files()

    builder = SiteBuilder(config, plugins, reactor)
    for warning in builder.encryption.warnings:
        print(f"mp4stream: [warn] {warning}", file=sys.stderr)
    bound = bind_all(wanted_addresses(config))
    try:
        doors = [Door(one, builder.factory(one)) for one in bound]
    except BaseException:
        close_all(bound)
        raise
    return Plant(
        doors=doors,
        sites=builder.sites,
        error_log=error_log,
        pid_file=pid_file,
        account=account,
        shutdown_ms=settings.worker_shutdown_timeout,
        own_log=not any(options.twistd.get(name) for name in ("logfile", "logger", "syslog")),
        umask=USUAL_UMASK if options.twistd.get("umask") is None else None,
        reopen=builder.access_logs.reopen,
        settle=builder.access_logs.settle,
    )


def configuration(options: Options, plugins: Plugins) -> Config:
    """Return the configuration in the named file, or the one that serves the named folder.

    Raises:
        ConfigErrors: with everything that is wrong with it.
    """
    classes = settings_classes(plugins)
    if options["config"]:
        config = load(options["config"], options["prefix"], classes)
        check_agreement(config)
        return config
    text = folder_configuration(options["root"], options["listen"], (options["error-log"] or "stderr", "notice"))
    try:
        return load_from_text(text, classes, prefix=options["prefix"], name="--listen")
    except ConfigErrors as wrong:
        # The lines are ours: what a person can mistype is the address.
        places = (replace(problem.place, line=0) for problem in wrong.problems)
        raise ConfigErrors(
            tuple(replace(problem, place=place) for problem, place in zip(wrong.problems, places, strict=True))
        ) from None


def own_targets(options: Options, config: Config) -> tuple[ErrorTarget, ...]:
    """Return where the daemon's own lines go: `error_log` of the main context, `--error-log`, or the usual place."""
    configured: tuple[ErrorTarget, ...] = config.main[ErrorLogSettings].targets
    if configured:
        return configured
    named = options["error-log"]
    if named:
        return (ErrorTarget("" if named == "stderr" else named),)
    return (ErrorTarget("" if options.in_foreground else str(Path(options["prefix"], "error.log"))),)


def whom_to_become(settings: ServiceSettings) -> Account | None:
    """Return the configured account, None when there is none or this process cannot change.

    Raises:
        NoSuchAccount: the machine does not know it.
    """
    user, group = settings.user
    if settings.worker_processes > 1:
        log.warn(
            "worker_processes {count}: one process is started, which is what this version has",
            count=settings.worker_processes,
        )
    if user and not is_root():
        log.warn('the "user" directive makes sense only when the daemon is started by root, ignored')
        return None
    if not user:
        if is_root():
            log.info('running as root: name another user with the "user" directive', severity="notice")
        return None
    return account_of(user, group)
