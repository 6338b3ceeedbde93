"""Every room that keeps tables, imported so that the metadata is complete for a migration."""

import importlib

ROOMS: tuple[str, ...] = ()

for room in ROOMS:
    importlib.import_module(room)
