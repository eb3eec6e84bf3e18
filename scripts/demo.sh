#!/usr/bin/env bash
# The main job, end to end: boot a disposable virtual machine of a stock kernel, record a workload in
# it while it runs, bring the session out, and ask it questions here.
set -euo pipefail
cd "$(dirname "$0")/.."
scripts/setup.sh run

relayscope() { node bin/relayscope.js "$@"; }
title() { printf '\n\033[1m$ relayscope %s\033[0m\n' "$*"; }
[ -t 1 ] || title() { printf '\n$ relayscope %s\n' "$*"; }

if [ -e demo-session ]; then
	[ -e demo-session/metadata ] || {
		echo "relayscope: demo-session is in the way and not a session; move it away" >&2
		exit 1
	}
	rm -r demo-session
fi

title vm -- relayscope record -o demo-session -- demo/workload.sh
relayscope vm -- relayscope record -o demo-session -- demo/workload.sh

title report demo-session syscalls --limit 12
relayscope report demo-session syscalls --limit 12
title report demo-session processes
relayscope report demo-session processes
title report demo-session sched --limit 8
relayscope report demo-session sched --limit 8
title report demo-session losses
relayscope report demo-session losses

question="SELECT comm, name, errno, count(*) AS times FROM syscalls WHERE errno IS NOT NULL GROUP BY 1, 2, 3 ORDER BY times DESC LIMIT 8"
title query demo-session "\"$question\""
relayscope query demo-session "$question"

printf '\nThe session is in demo-session/. Ask it something: npx relayscope query demo-session\n'
