"""How the embedded server is made and set."""

from __future__ import annotations

# Text sorts by code point, by rules that PostgreSQL brings itself: the same on every system, and no index
# goes wrong when the system's own rules change.
MAKE_WITH = (
    "--auth=scram-sha-256",
    "--encoding=UTF8",
    "--locale=C.UTF-8",
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--no-instructions",
)

SETTINGS = """\
# Written by Dossier at each start; put your own settings into postgresql.conf below the include.
listen_addresses = ''
unix_socket_directories = '{sockets}'
unix_socket_permissions = 0700
max_connections = 100
password_encryption = 'scram-sha-256'
shared_buffers = '256MB'
effective_cache_size = '1GB'
work_mem = '16MB'
maintenance_work_mem = '128MB'
max_wal_size = '2GB'
random_page_cost = 1.1
jit = off
# Pages join a record with the many small tables it refers to, in an order that is good as written: weighing
# every other order of seven tables took 19 ms of each page, of four 3.5 ms.
join_collapse_limit = 4
timezone = 'UTC'
log_timezone = 'UTC'
lc_messages = 'C'
idle_in_transaction_session_timeout = '5min'
cluster_name = 'dossier'
logging_collector = on
log_directory = '{logs}'
log_filename = 'postgresql-%a.log'
log_truncate_on_rotation = on
log_rotation_age = '1d'
log_rotation_size = 0
log_file_mode = 0600
log_line_prefix = '%m [%p] %u '
# Values of rows and texts of statements are people's data: they stay out of the log.
log_error_verbosity = 'terse'
log_min_error_statement = 'panic'
log_parameter_max_length = 0
"""
