"""Bytes on disk: atomic writes, checksums, safe HDF5, configs as text, archives, downloads."""
