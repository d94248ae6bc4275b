#!/bin/sh
# Installs what drives the extension in a real VS Code into the folder $1: code-server's VS Code 1.96 and playwright-core.
set -eu
folder=$1
mkdir -p "$folder"
cd "$folder"
test -e .installed && exit 0
echo '{ "private": true }' >package.json
npm install --ignore-scripts code-server@4.96.4 playwright-core@1.65.1
cd node_modules/code-server/lib/vscode
# The shrinkwrap pins a dependency that is in no registry.
rm -f npm-shrinkwrap.json extensions/npm-shrinkwrap.json
npm install --ignore-scripts --omit=dev
(cd extensions && npm install --ignore-scripts --omit=dev)
npm rebuild node-pty @parcel/watcher @vscode/spdlog native-watchdog
cd - >/dev/null
touch .installed
