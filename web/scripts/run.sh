#!/bin/sh
# What `make` asks of the console. Packages are installed when the lock has changed, and it is built when its sources have:
# a second run only compares.
#   build    build it, or fail            up      build it if this machine can; say so in one line if it cannot
#   check    format, lint, types, tests   dev     hot reload over a running API
#   client   its types, from openapi.json can     whether this machine can do any of it
set -eu
cd "$(dirname "$0")/.."
export PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD=1
INSTALLED=node_modules/.carol
BUILT=dist/.carol
NEEDS="Node 20.19 or newer, with npm"

has_node() {
  command -v npm >/dev/null 2>&1 &&
    node -e 'const [a, b] = process.versions.node.split("."); process.exit(a > 20 || (a == 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

install() {
  wanted=$(cat package-lock.json .npmrc | cksum)-$(node -p 'process.version + process.platform + process.arch')
  if [ -f "$INSTALLED" ] && [ "$(cat "$INSTALLED")" = "$wanted" ]; then return; fi
  echo "Installing what the console is made of (once, and whenever its lock changes)…"
  npm ci --silent --no-audit --no-fund
  echo "$wanted" >"$INSTALLED"
}

is_stale() {
  [ ! -f "$BUILT" ] || [ ! -f dist/index.html ] || [ -n "$(find src public scripts index.html vite.config.ts tsconfig.json \
    package-lock.json -newer "$BUILT" ! -name '*.test.*' | head -n 1)" ]
}

build() {
  install
  if is_stale; then
    echo "Building the console (once, and whenever it changes)…"
    npm run --silent build
    touch "$BUILT"
  fi
}

case ${1:-} in
  can)
    has_node
    ;;
  up)
    if ! has_node; then
      echo "The console needs $NEEDS, which is not here: going on without building its pages."
    elif ! sh scripts/run.sh build; then
      echo "The console could not be built (see above): going on without what changed in it." >&2
    fi
    ;;
  check)
    if has_node; then
      install
      npm run --silent check
    elif [ -n "${CI:-}" ]; then
      echo "Checking the console needs $NEEDS." >&2
      exit 1
    else
      echo "Not checked: the console, which needs $NEEDS."
    fi
    ;;
  build | dev | client)
    if ! has_node; then
      echo "The console needs $NEEDS." >&2
      exit 1
    fi
    if [ "$1" = build ]; then
      build
    else
      install
      exec npm run --silent "$1"
    fi
    ;;
  *)
    sed -n '2,6p' "$0" >&2
    exit 2
    ;;
esac
