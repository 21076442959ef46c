package mysqlx

import "fmt"

// The oldest servers that faturad is written for. docs/install.md says which versions it was tested on.
const (
	oldestMariaDB = "10.6"
	oldestMySQL   = "8.0"
)

// Aged says that the server is older than what faturad is written for, and leaves the end of the sentence to the caller: what to
// do about it. Empty when it is not older, or when its version cannot be read.
func (i Info) Aged() string {
	if i.Major == 0 || i.MariaDB && i.AtLeast(10, 6) || !i.MariaDB && i.AtLeast(8, 0) {
		return ""
	}
	return fmt.Sprintf("%s is older than what faturad is written for (MariaDB %s, MySQL %s)", i, oldestMariaDB, oldestMySQL)
}
