package mysqlx

import (
	"context"
	"regexp"
	"strconv"
	"strings"

	"github.com/jmoiron/sqlx"
)

// Info is what a server says of itself.
type Info struct {
	Version  string // as the server prints it, e.g. "10.11.19-MariaDB-0+deb12u1"
	MariaDB  bool   // else MySQL or something that speaks its protocol
	Major    int    // 0 when the version cannot be read
	Minor    int
	Patch    int
	ReadOnly bool // read_only (or super_read_only) is on: nobody without SUPER may write
	Cluster  bool // a Galera node (wsrep_on)
}

// AtLeast compares the version; it says nothing about MariaDB against MySQL.
func (i Info) AtLeast(major, minor int) bool {
	return i.Major > major || i.Major == major && i.Minor >= minor
}

// String names server and version, e.g. "MariaDB 10.11.19".
func (i Info) String() string {
	name := "MySQL"
	if i.MariaDB {
		name = "MariaDB"
	}
	return name + " " + strconv.Itoa(i.Major) + "." + strconv.Itoa(i.Minor) + "." + strconv.Itoa(i.Patch)
}

var versionNumbers = regexp.MustCompile(`^(?:5\.5\.5-)?(\d+)\.(\d+)(?:\.(\d+))?`) // 5.5.5- is MariaDB's disguise for old replicas

// Server asks the server for its version and mode.
func Server(ctx context.Context, db sqlx.QueryerContext) (Info, error) {
	var info Info
	if err := sqlx.GetContext(ctx, db, &info.Version, "SELECT VERSION()"); err != nil {
		return Info{}, Wrap("asking the server for its version", err)
	}
	info.MariaDB = strings.Contains(strings.ToLower(info.Version), "mariadb")
	if m := versionNumbers.FindStringSubmatch(info.Version); m != nil {
		for i, target := range []*int{&info.Major, &info.Minor, &info.Patch} {
			*target, _ = strconv.Atoi(m[i+1]) // digits only; a missing patch level is 0
		}
	}
	vars, err := Variables(ctx, db, "read_only", "super_read_only", "innodb_read_only", "wsrep_on")
	if err != nil {
		return Info{}, err
	}
	info.ReadOnly = isOn(vars["read_only"]) || isOn(vars["super_read_only"]) || isOn(vars["innodb_read_only"])
	info.Cluster = isOn(vars["wsrep_on"])
	return info, nil
}

func isOn(v string) bool { return v != "" && v != "OFF" && v != "0" }

// Variables reads global server variables by name; those that this server does not know are absent from the answer.
func Variables(ctx context.Context, db sqlx.QueryerContext, names ...string) (map[string]string, error) {
	return show(ctx, db, "SHOW GLOBAL VARIABLES WHERE Variable_name IN (?)", names)
}

// Status reads global status counters by name, e.g. Com_commit; unknown ones are absent.
func Status(ctx context.Context, db sqlx.QueryerContext, names ...string) (map[string]string, error) {
	return show(ctx, db, "SHOW GLOBAL STATUS WHERE Variable_name IN (?)", names)
}

func show(ctx context.Context, db sqlx.QueryerContext, query string, names []string) (map[string]string, error) {
	if len(names) == 0 {
		return map[string]string{}, nil
	}
	query, args, err := sqlx.In(query, names)
	if err != nil {
		return nil, Wrap("building SHOW", err)
	}
	var rows []struct {
		Name  string `db:"Variable_name"`
		Value string `db:"Value"`
	}
	if err := sqlx.SelectContext(ctx, db, &rows, query, args...); err != nil {
		return nil, Wrap("reading server variables", err)
	}
	values := make(map[string]string, len(rows))
	for _, name := range names { // keyed as the caller spells them; servers differ in case
		for _, r := range rows {
			if strings.EqualFold(r.Name, name) {
				values[name] = r.Value
			}
		}
	}
	return values, nil
}
