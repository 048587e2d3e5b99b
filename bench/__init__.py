"""How fast, beside floors and peers measured in the same run. `make bench`."""
