"""nginx's directives that are not ours, and what happens instead: a warning, or an error where ignoring would open what
was closed.

The names are those that crossplane lists, those that nginx has got since, and some of modules that are often installed
beside it. A name that ends in `*` is a family; what is named in full outweighs it. A configuration that names one of
these gets its phrase with file and line, never silence; docs/operations.md has them all.
"""

from __future__ import annotations

from dataclasses import dataclass

from crossplane.analyzer import DIRECTIVES
from crossplane.lexer import EXTERNAL_LEXERS

_REFUSED = (
    (
        "auth_jwt auth_jwt_require auth_oidc auth_digest* auth_pam* auth_ldap* auth_gss* auth_spnego*",
        "nobody would be asked who they are",
    ),
    ("valid_referers", "pages of all sites could embed what is here; `secure_link` can prevent it"),
    ("access_by_lua* js_access secure_link_hmac* akamai_token_validate*", "everybody would come in"),
    ("rewrite_by_lua* server_rewrite_by_lua*", "what it refuses would be sent"),
    ("app_protect_enable modsecurity", "nobody would look at the requests"),
    ("fastcgi_pass uwsgi_pass scgi_pass grpc_pass memcached_pass", "the source of programs could be sent"),
    ("perl js_content content_by_lua* passenger_enabled", "the source of programs could be sent"),
    ("ssi xslt_stylesheet", "pages would be sent as they are written, with what is meant for some or for nobody"),
    ("ssl", "answers would not be encrypted; write `listen 443 ssl`"),
    ("ssl_ocsp", "certificates that were withdrawn would be taken"),
    ("limit_zone", "connections would not be counted; it is called `limit_conn_zone`"),
)
"""Names, and what would happen without them: something that they close would be open to everyone."""

_ENGINE = "one process with one reactor serves all"
_READ = "what is not in memory is read in threads, all else is sent from the page cache"
_VARIABLE = "its variables do not exist, and whoever mentions one gets an error"
_NO_PROXY = "requests are passed on by `auth_request` only"
_AS_STORED = "files are sent as they are stored"
_TABLES = "tables have the size that they need"
_HTTP_ONLY = "only HTTP is spoken"
_BODIES = "bodies of requests are dropped as they arrive"
_AT_URI = "what lies at the URI is sent"
_COUNTS = "there is no page of counts, the access log has them"

_IGNORED = (
    ("accept_mutex* multi_accept lock_file master_process use worker_cpu_affinity worker_priority", _ENGINE),
    ("timer_resolution", "the clock is read once for each request"),
    ("worker_rlimit_nofile", "the limit of open files is raised as far as the system lets it"),
    (
        "worker_rlimit_core working_directory debug_connection debug_points env",
        "the limits and the environment are those that the daemon is started with",
    ),
    ("pcre_jit", "regular expressions are Python's"),
    ("load_module google_perftools_profiles", "modules are packages of Python"),
    ("aio aio_write thread_pool worker_aio_requests directio* read_ahead output_buffers", _READ),
    ("postpone_output send_lowat", "an answer leaves as soon as it is known"),
    ("open_file_cache*", "files are opened for each request, the kernel remembers where they lie"),
    ("*_hash_bucket_size *_hash_max_size", _TABLES),
    ("connection_pool_size request_pool_size subrequest_output_buffer_size", "memory is taken as it is needed"),
    ("hls_buffers", "segments are sent from where they lie"),
    ("client_body_* min_delete_depth create_full_put_path dav_access dav_ext_methods", _BODIES),
    ("dav_methods", "other methods than GET and HEAD are answered with 405"),
    ("chunked_transfer_encoding", "every body has a length that is known before it is sent"),
    ("keepalive_disable", "connections of all browsers are kept"),
    ("http2_*", "HTTP/2 has bounds of its own, among them http2_max_concurrent_streams"),
    ("http2_push*", "nothing is pushed, browsers have given it up"),
    ("http3* quic_* spdy_*", "HTTP/1.1 and HTTP/2 are spoken"),
    ("ssl_stapling*", "no word of the authority is stapled, clients ask for it themselves"),
    ("ssl_session_ticket_key", "tickets have a key that the process makes"),
    ("ssl_early_data", "nothing is taken before hands are shaken"),
    (
        "ssl_engine ssl_certificate_by_lua* ssl_session_*_by_lua* ssl_object_* ssl_certificate_*",
        "OpenSSL does so itself",
    ),
    ("ssl_preread ssl_handshake_timeout", _HTTP_ONLY),
    ("ssl_*", "encryption is as OpenSSL has it"),
    ("resolver resolver_timeout", "names are looked up as the system does"),
    ("proxy_protocol proxy_protocol_timeout proxy_upload_rate proxy_download_rate proxy_requests", _HTTP_ONLY),
    ("proxy_responses proxy_timeout proxy_buffer proxy_pass_error_message preread_* session_log*", _HTTP_ONLY),
    ("proxy_cache* proxy_no_cache proxy_store* proxy_temp*", "nothing is cached of other servers"),
    ("proxy_http_version", "`auth_request` asks over HTTP/1.1"),
    ("proxy_*", _NO_PROXY),
    ("fastcgi_* uwsgi_* scgi_* grpc_* memcached_*", _NO_PROXY),
    ("upstream hash ip_hash keepalive least_conn least_time ntlm queue random state sticky* zone match", _NO_PROXY),
    ("health_check* upstream_conf balancer_by_lua*", _NO_PROXY),
    ("keyval keyval_zone geo split_clients geoip* geoip2* num_map perl_set js_set js_var", _VARIABLE),
    ("zone_sync*", "each daemon counts for itself"),
    ("set_by_lua* auth_jwt_claim_set auth_jwt_header_set", _VARIABLE),
    (
        "ancient_browser* modern_browser*",
        "no browser is told from others, $ancient_browser and $modern_browser are empty",
    ),
    ("msie_padding msie_refresh", "no browser gets an answer of its own"),
    ("userid*", "no cookie is given, $uid_got, $uid_set and $uid_reset are empty"),
    ("auth_jwt_* auth_oidc_* oidc_provider", "its directive is an error already"),
    ("add_before_body add_after_body addition_types sub_filter* subs_filter* gunzip*", _AS_STORED),
    ("image_filter* ssi_* xslt_* xml_entities body_filter_by_lua* pagespeed*", _AS_STORED),
    ("header_filter_by_lua* more_set_* more_clear_*", "headers are those of `add_header` and `expires`"),
    ("add_header_inherit", "a block with one `add_header` of its own has none of the outer ones"),
    ("add_trailer* early_hints", "a response is one header and one body"),
    ("brotli* zstd*", "texts are compressed with `gzip` only"),
    ("gzip_static", "a text is compressed when it is asked for, and then kept"),
    ("charset_map source_charset override_charset", "nothing is converted, `charset` is told only"),
    ("charset_types", "`charset` is told of the usual types of texts"),
    ("empty_gif hls* echo* random_index", _AT_URI),
    ("slice", "ranges are always read as they are asked for"),
    ("mirror*", "no request is copied"),
    ("log_subrequest", "what `auth_request` asks is not in the access log"),
    ("stub_status status status_format status_zone api vhost_traffic_status* mgmt otel_*", _COUNTS),
    ("init_by_lua* init_worker_by_lua* log_by_lua* lua_* perl_* js_*", "no other language runs here than Python"),
    ("app_protect_* modsecurity_*", "its directive is an error already"),
    ("fancyindex*", "`autoindex` has a page of its own"),
    ("usp_license_key", "no licence is needed"),
    ("usp_disable_mmap", "files are never mapped into memory"),
    ("usp_iss_pass_through", "fragments always hold the samples of the film as they are, only their headers are made"),
    ("usp_dynamic_time_shift_buffer_depth", "it is of live channels, which are not served yet"),
    ("usp_handle_api", "it is of live channels, which are not served yet; what lies at the URI is sent"),
    ("ism_proxy_pass s3_secret_key s3_access_key s3_region", "manifests and films are files of this machine"),
    ("rtmp vod* nchan* push_stream* upload_progress*", "it is another program's, see this one's own modules"),
    ("mail auth_http* imap_* pop3_* smtp_* starttls protocol xclient timeout", _HTTP_ONLY),
    ("stream js_preread", _HTTP_ONLY),
)
"""Names, and what happens instead."""

_SINCE = """
    add_header_inherit add_trailer_inherit auth_delay auth_jwt_key_cache auth_jwt_require auth_jwt_type auth_oidc
    early_hints
    grpc_ssl_conf_command http2 http3 http3_hq http3_max_concurrent_streams http3_stream_buffer_size js_body_filter
    js_fetch_buffer_size js_fetch_ciphers js_fetch_max_response_buffer_size js_fetch_protocols js_fetch_timeout
    js_fetch_trusted_certificate js_fetch_verify js_fetch_verify_depth js_header_filter js_import js_periodic
    js_preload_object js_shared_dict_zone js_var keepalive_min_timeout keepalive_time max_headers mgmt
    mp4_start_key_frame num_map otel_exporter otel_service_name otel_span_attr
    otel_span_name otel_trace otel_trace_context proxy_allow_upstream proxy_cookie_flags proxy_half_close
    proxy_pass_trailers proxy_ssl_conf_command quic_active_connection_id_limit quic_bpf quic_gso quic_host_key
    quic_retry server_rewrite_by_lua_block ssl_certificate_cache ssl_certificate_compression ssl_conf_command
    ssl_object_cache_inheritable ssl_ocsp ssl_ocsp_cache ssl_ocsp_responder ssl_reject_handshake uwsgi_ssl_conf_command
    worker_shutdown_timeout
"""
"""What nginx has got since crossplane's list was made."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A directive that only nginx, or a module for it, has.

    Args:
        instead: what happens instead, or would happen where it is refused.
        refused: it is an error.
    """

    instead: str
    refused: bool


def _tables() -> tuple[dict[str, Foreign], list[tuple[str, str, Foreign]]]:
    """Return the names that are written in full, and (beginning, end) of the families, the longest first."""
    exact: dict[str, Foreign] = {}
    families: list[tuple[str, str, Foreign]] = []
    for table, refused in ((_REFUSED, True), (_IGNORED, False)):
        for names, instead in table:
            foreign = Foreign(instead, refused)
            for name in names.split():
                if "*" in name:
                    start, _, end = name.partition("*")
                    families.append((start, end, foreign))
                else:
                    exact[name] = foreign
    return exact, sorted(families, key=lambda family: -len(family[0] + family[1]))


_EXACT, _FAMILIES = _tables()

NOT_INSTALLED = Foreign("the module that has it is not installed", False)
"""What is said of a directive of ours that is not there, for its module could not be loaded."""

NGINX_NAMES = frozenset((*DIRECTIVES, *EXTERNAL_LEXERS, *_SINCE.split(), *_EXACT))
"""What nginx and its modules call a directive, whether or not it is ours."""

_OTHERS = (
    *("auth_digest", "auth_pam", "auth_ldap", "auth_gss", "auth_spnego", "akamai_token_validate", "secure_link_hmac"),
    *("app_protect_", "modsecurity_", "vod", "rtmp", "nchan", "push_stream", "upload_progress", "fancyindex", "brotli"),
    *("zstd", "pagespeed", "vhost_traffic_status", "geoip2", "more_set_", "more_clear_", "subs_filter", "echo", "lua_"),
    *("access_by_lua", "balancer_by_lua", "body_filter_by_lua", "content_by_lua", "header_filter_by_lua"),
    *("init_by_lua", "init_worker_by_lua", "log_by_lua", "rewrite_by_lua", "server_rewrite_by_lua", "set_by_lua"),
)
"""Families of modules whose names are in no list: whatever begins so is known."""


def foreign(name: str) -> Foreign | None:
    """Return what is known of a directive that is not ours, None for a name that nobody has."""
    found = _EXACT.get(name)
    if found is not None:
        return found
    if name not in NGINX_NAMES and not name.startswith(_OTHERS):
        return None
    for start, end, family in _FAMILIES:
        if name.startswith(start) and name.endswith(end):
            return family
    return NOT_INSTALLED


def entries() -> list[tuple[str, Foreign]]:
    """Return every row of the tables as (names, what happens), in their order."""
    rows = [(names, Foreign(instead, True)) for names, instead in _REFUSED]
    return rows + [(names, Foreign(instead, False)) for names, instead in _IGNORED]
