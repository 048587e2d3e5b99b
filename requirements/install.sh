#!/bin/sh
# Creates the environment from the lock: Python's own venv, a uv pinned by hash to be quick, pip when uv cannot.
# The stamp holds the hash of what was installed, so a second run only compares.
set -eu
PYTHON=${PYTHON:-python3}
VENV=${VENV:-.venv}
LOCK=requirements/lock.txt
STAMP=$VENV/.installed

if ! command -v "$PYTHON" >/dev/null 2>&1; then
  echo "Carol needs Python 3.11 or newer, and there is no '$PYTHON'. Try: make PYTHON=/path/to/python3.11 up" >&2
  exit 1
fi
"$PYTHON" - <<'CHECK' || exit 1
import sys
if sys.version_info < (3, 11):
    sys.exit("Carol needs Python 3.11 or newer; this is %s. Try: make PYTHON=/path/to/python3.11 up" % sys.version.split()[0])
try:
    import ensurepip, venv
except ImportError:
    sys.exit("Python's venv is missing. On Debian or Ubuntu: apt install python3-venv")
CHECK

wanted=$("$PYTHON" - "$LOCK" requirements/bootstrap.txt pyproject.toml <<'HASH'
import hashlib, os, sys
told = hashlib.sha256(("%s %s" % (sys.version_info[:2], os.getcwd())).encode())
for name in sys.argv[1:]:
    told.update(open(name, "rb").read())
print(told.hexdigest())
HASH
)
if [ -x "$VENV/bin/carol" ] && [ -f "$STAMP" ] && [ "$(cat "$STAMP")" = "$wanted" ]; then
  touch "$STAMP"
  exit 0
fi

echo "Preparing the environment in $VENV (once, and whenever the lock changes)…"
if ! "$VENV/bin/python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; then
  rm -rf "$VENV"
  "$PYTHON" -m venv "$VENV"
fi
bin=$VENV/bin
export PIP_DISABLE_PIP_VERSION_CHECK=1
if { [ -x "$bin/uv" ] || "$bin/python" -m pip install --quiet --require-hashes --only-binary :all: -r requirements/bootstrap.txt; } \
  && "$bin/uv" pip install --quiet --python "$bin/python" --require-hashes -r "$LOCK"; then
  :
else
  echo "uv could not install the lock here; using pip, which takes some minutes…" >&2
  "$bin/python" -m pip install --quiet --require-hashes -r "$LOCK"
fi
# The house itself, in place: setuptools comes from the lock, so nothing is resolved or fetched.
if [ -x "$bin/uv" ]; then
  "$bin/uv" pip install --quiet --python "$bin/python" --no-deps --no-build-isolation --editable .
else
  "$bin/python" -m pip install --quiet --no-deps --no-build-isolation --editable .
fi
echo "$wanted" > "$STAMP"
