#!/usr/bin/env bash
# Build static/vendor/ from the locked packages; the same lock gives the same bytes.
#   build.sh         write static/vendor/
#   build.sh check   compare static/vendor/ with its checksums and, where npm is
#                    installed, with a fresh build; then check the page's JSDoc types
set -euo pipefail

source_dir="$(cd "$(dirname "$0")" && pwd)"
static_dir="$(dirname "$source_dir")"
work="$(mktemp -d)"
trap 'rm -rf "$work"' EXIT

install_packages() { # outside static/, which is served and packed as it is
  cp "$source_dir"/package.json "$source_dir"/package-lock.json "$source_dir"/vendor.js "$work"
  (cd "$work" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
}

build_bundle() { # $1: where to
  mkdir -p "$1"
  (cd "$work" && node_modules/.bin/esbuild vendor.js --bundle --minify --format=esm \
    --target=es2022 --log-level=warning --outfile="$1/preact.js")
  write_notice >"$1/NOTICE.txt"
  (cd "$1" && sha256sum NOTICE.txt preact.js >SHA256SUMS)
}

write_notice() { # minified packages lose their licences
  echo "preact.js is a bundle of these packages, unchanged but for minification."
  local package
  for package in preact @preact/signals @preact/signals-core htm; do
    printf '\n--- %s %s\n\n' "$package" \
      "$(node -p "require('$work/node_modules/$package/package.json').version")"
    cat "$work/node_modules/$package/LICENSE"
  done
}

check_types() { # against the sources of the bundle, whose types are known
  mkdir "$work/page"
  cp "$static_dir"/*.js "$source_dir/tsconfig.json" "$work/page"
  mkdir "$work/page/vendor"
  cp "$source_dir/vendor.js" "$work/page/vendor/preact.js"
  "$work/node_modules/.bin/tsc" --project "$work/page"
}

case "${1:-build}" in
build)
  install_packages
  build_bundle "$static_dir/vendor"
  ;;
check)
  (cd "$static_dir/vendor" && sha256sum --check --quiet SHA256SUMS)
  if ! command -v npm >/dev/null; then
    echo "vendor: the checksums are right; without npm there is no rebuild to compare"
    exit 0
  fi
  install_packages
  build_bundle "$work/rebuilt"
  diff -r "$static_dir/vendor" "$work/rebuilt"
  check_types
  echo "vendor: a rebuild gives the same bytes, and the page's types are right"
  ;;
*)
  echo "usage: build.sh [build|check]" >&2
  exit 2
  ;;
esac
