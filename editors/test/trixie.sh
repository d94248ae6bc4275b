#!/bin/sh
# Puts Debian 13's Neovim and Helix into the folder $1, beside the system's own, each behind a script in $1/run.
set -eu
test -e "$1/run/hx" && exit 0
command -v mmdebstrap >/dev/null || apt-get install -y mmdebstrap
mmdebstrap --variant=extract --include=neovim,hx trixie "$1"
mkdir -p "$1/run"
root=$(cd "$1" && pwd)
machine=$(uname -m)
loader=$(echo "$root"/usr/lib*/ld-linux*.so.*)
for each in "nvim usr/bin/nvim" "hx usr/lib/hx/hx"; do
	name=${each% *}
	cat >"$1/run/$name" <<-SCRIPT
		#!/bin/sh
		export VIMRUNTIME='$root/usr/share/nvim/runtime' HELIX_RUNTIME='$root/usr/lib/hx/runtime'
		exec '$loader' --library-path '$root/usr/lib/$machine-linux-gnu' '$root/${each#* }' "\$@"
	SCRIPT
	chmod +x "$1/run/$name"
done
