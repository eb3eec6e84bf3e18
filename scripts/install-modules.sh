#!/usr/bin/env bash
# Installs the kernel modules with DKMS, which builds them again for every kernel that this machine
# gets, and signs them; or removes them. What DKMS itself is told comes from $DKMS_OPTIONS, such as
# "-k RELEASE" for a kernel that is not running.
# usage: install-modules.sh install|remove
set -euo pipefail
cd "$(dirname "$0")/.."

die() {
	printf 'relayscope: %s\n  %s\n' "$1" "$2" >&2
	exit 1
}

action=${1:-}
case $action in
install | remove) ;;
*) die "install-modules.sh does not know \"$action\"" "Say install or remove" ;;
esac
[ "$(id -u)" = 0 ] ||
	die "only root can $action kernel modules" "Run: sudo npm run modules:$action"
command -v dkms >/dev/null ||
	die "dkms is not installed" "Run: apt-get install dkms linux-headers-$(uname -r)"

version=$(sed -n 's/^PACKAGE_VERSION="\(.*\)"$/\1/p' kmod/dkms.conf)
sources=/usr/src/relayscope-$version
read -ra options <<<"${DKMS_OPTIONS:-}"

# A new state of the sources is a new installation.
if [ -n "$(dkms status "relayscope/$version" 2>/dev/null)" ]; then
	dkms remove "relayscope/$version" --all
fi
rm -rf "$sources"
[ "$action" = install ] || exit 0

mkdir -p "$sources"
cp -r kmod/dkms.conf kmod include "$sources/"
dkms install "relayscope/$version" ${options[@]+"${options[@]}"} ||
	die "dkms could not install the modules" "Its log is below /var/lib/dkms/relayscope/$version"
echo "installed; relayscope doctor tells whether this machine can load them"
