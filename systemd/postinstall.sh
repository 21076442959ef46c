#!/bin/sh
# After installing: user and folders. The service is not started: it needs a config first.
set -e
if command -v systemd-sysusers >/dev/null 2>&1; then
  systemd-sysusers /usr/lib/sysusers.d/faturad.conf
  systemd-tmpfiles --create /usr/lib/tmpfiles.d/faturad.conf
fi
if [ -d /run/systemd/system ]; then
  systemctl daemon-reload
  # An upgrade restarts a daemon that runs; what is in flight is finished first.
  systemctl try-restart faturad.service
fi
