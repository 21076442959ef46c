// Package systemd tells the service manager how the daemon is: ready, stopping, alive. Outside systemd it does nothing.
// Beside it are the unit, sysusers, tmpfiles and package recipe that install the daemon. Only internal/app imports it.
package systemd
