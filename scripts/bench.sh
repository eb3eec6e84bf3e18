#!/usr/bin/env bash
# The benchmark against peers; bench/README.md. usage: bench.sh [--quick] [--accept] [--only ROW]...
set -euo pipefail
cd "$(dirname "$0")/.."
bash scripts/setup.sh
bash bench/peers/install.sh
exec node dist/bench/main.js "$@"
