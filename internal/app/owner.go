package app

import (
	"fmt"
	"os"

	"github.com/google/uuid"
)

// newOwner names this process in leases and events. The random part keeps two processes apart that share host name and
// process id, as containers do.
func newOwner() string {
	host, err := os.Hostname()
	if err != nil {
		host = "unknown-host"
	}
	return fmt.Sprintf("%.40s:%d:%.8s", host, os.Getpid(), uuid.NewString())
}
