#!/usr/bin/env bash
# Installs what is missing (Debian), builds, runs all tests.
set -euo pipefail
cd "$(dirname "$0")/.."
. examples/support/requirements.sh
require_packages tests
cmake --preset release
cmake --build --preset release
ctest --preset release "$@"
