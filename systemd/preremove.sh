#!/bin/sh
# Before removing: stop the daemon. The config, the ledger and the state folder stay. An upgrade keeps it running
# (deb: "upgrade", rpm: 1).
set -e
case "$1" in
  upgrade | 1) exit 0 ;;
esac
if [ -d /run/systemd/system ]; then
  systemctl disable --now faturad.service
fi
