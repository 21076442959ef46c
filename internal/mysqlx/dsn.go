package mysqlx

import (
	"context"
	"errors"
	"faturad/internal/fault"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/go-sql-driver/mysql"
)

// allowed are the DSN parameters that an operator may set. Everything else either changes what faturad relies on, or
// opens a door (LOAD DATA LOCAL, clear-text passwords, several statements in one call).
var allowed = []string{"charset", "collation", "compress", "maxAllowedPacket", "readTimeout", "timeout", "time_zone", "tls", "writeTimeout"}

// fixed are parameters that people paste from other programs: accepted where they say what faturad does anyway.
var fixed = map[string]string{
	"allowAllFiles": "false", "allowCleartextPasswords": "false", "allowNativePasswords": "true", "checkConnLiveness": "true",
	"clientFoundRows": "true", "interpolateParams": "false", "loc": "UTC", "multiStatements": "false", "parseTime": "true",
}

var (
	plainName = regexp.MustCompile(`^[A-Za-z0-9_]+$`)
	zoneName  = regexp.MustCompile(`^[A-Za-z0-9_/+:\-]+$`)
	modeList  = regexp.MustCompile(`^[A-Z0-9_,]*$`)
)

// errForm is what a person reads when the DSN cannot be parsed; the driver's own words may quote the password.
var errForm = errors.New("it is not of the form user:password@tcp(host:3306)/database or mysql://user:password@host:3306/database")

// config builds the driver's configuration from the DSN and the options; options win over DSN parameters.
func (o Options) config() (*mysql.Config, error) {
	dsn, params, err := splitDSN(strings.TrimSpace(o.DSN))
	if err != nil {
		return nil, err
	}
	cfg, err := mysql.ParseDSN(dsn)
	if err != nil || (cfg.Net != "tcp" && cfg.Net != "unix") { // an odd network is a piece of a mistyped DSN
		return nil, errForm
	}
	if err := checkParams(params); err != nil {
		return nil, err
	}
	if cfg.DBName == "" && !o.AnyDatabase {
		return nil, errors.New("it names no database: add /database after the host")
	}
	if err := o.transport(cfg, params); err != nil {
		return nil, err
	}
	session, charset, collation, err := o.session(params)
	if err != nil {
		return nil, err
	}
	cfg.Params = session
	if err := cfg.Apply(mysql.Charset(charset, collation)); err != nil {
		return nil, fmt.Errorf("setting the character set: %w", err)
	}
	cfg.ParseTime, cfg.Loc = true, time.UTC
	cfg.ClientFoundRows = true // a guarded UPDATE that changes nothing still counts as found
	cfg.InterpolateParams, cfg.MultiStatements, cfg.AllowAllFiles = false, false, false
	cfg.Logger = driverLog{o.Logger}
	return cfg, nil
}

// splitDSN turns either form into the driver's, without parameters, and the parameters apart.
func splitDSN(dsn string) (string, url.Values, error) {
	if dsn == "" {
		return "", nil, errors.New("it is empty")
	}
	if rest, ok := cutScheme(dsn); ok {
		u, err := url.Parse("mysql://" + rest)
		if err != nil || u.Host == "" {
			return "", nil, errForm // url.Error would quote the whole address, password included
		}
		c := mysql.NewConfig()
		c.User = u.User.Username()
		c.Passwd, _ = u.User.Password()
		c.Net, c.Addr, c.DBName = "tcp", hostPort(u), strings.TrimPrefix(u.Path, "/")
		params, err := url.ParseQuery(u.RawQuery)
		if err != nil {
			return "", nil, errors.New("its parameters after ? cannot be read")
		}
		return c.FormatDSN(), params, nil
	}
	slash := strings.LastIndexByte(dsn, '/')
	if slash < 0 {
		return "", nil, errForm
	}
	name, query, _ := strings.Cut(dsn[slash+1:], "?")
	params, err := url.ParseQuery(query)
	if err != nil {
		return "", nil, errors.New("its parameters after ? cannot be read")
	}
	return dsn[:slash+1] + name, params, nil
}

func cutScheme(dsn string) (string, bool) {
	for _, scheme := range []string{"mysql://", "mariadb://"} {
		if rest, ok := strings.CutPrefix(dsn, scheme); ok {
			return rest, true
		}
	}
	return "", false
}

func hostPort(u *url.URL) string {
	if u.Port() == "" {
		return net.JoinHostPort(u.Hostname(), "3306")
	}
	return u.Host
}

func checkParams(params url.Values) error {
	for name, values := range params {
		if len(values) > 1 {
			return fmt.Errorf("parameter %s is given twice", quoteShort(name))
		}
		if want, ok := fixed[name]; ok {
			if values[0] != want {
				return fmt.Errorf("parameter %s must be %s here: remove it", name, want)
			}
			continue
		}
		if !slices.Contains(allowed, name) {
			return fmt.Errorf("parameter %s is not allowed: remove it (allowed are %s)", quoteShort(name), strings.Join(allowed, ", "))
		}
	}
	return nil
}

// quoteShort quotes a parameter's name; a long one is more likely a piece of a mistyped password.
func quoteShort(name string) string {
	if !plainName.MatchString(name) || len(name) > 40 {
		return "with an odd name"
	}
	return strconv.Quote(name)
}

// transport sets timeouts, TLS and packet size.
func (o Options) transport(cfg *mysql.Config, params url.Values) error {
	for _, t := range []struct {
		param     string
		option    time.Duration
		otherwise time.Duration
		target    *time.Duration
	}{
		{"timeout", o.DialTimeout, 5 * time.Second, &cfg.Timeout},
		{"readTimeout", o.ReadTimeout, 60 * time.Second, &cfg.ReadTimeout},
		{"writeTimeout", o.WriteTimeout, 30 * time.Second, &cfg.WriteTimeout},
	} {
		value := orDefault(t.option, t.otherwise)
		if s := params.Get(t.param); s != "" && t.option == 0 {
			d, err := time.ParseDuration(s)
			if err != nil || d <= 0 {
				return fmt.Errorf("parameter %s must be a duration such as 30s", t.param)
			}
			value = d
		}
		*t.target = value
	}
	switch tls := params.Get("tls"); tls {
	case "", "false":
	case "true", "skip-verify", "preferred":
		cfg.TLSConfig = tls
	default:
		return errors.New("parameter tls must be true, false, skip-verify or preferred")
	}
	if s := params.Get("compress"); s != "" {
		on, err := strconv.ParseBool(s)
		if err != nil {
			return errors.New("parameter compress must be true or false")
		}
		if err := cfg.Apply(mysql.EnableCompression(on)); err != nil {
			return fmt.Errorf("setting compression: %w", err)
		}
	}
	if s := params.Get("maxAllowedPacket"); s != "" {
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return errors.New("parameter maxAllowedPacket must be a number of bytes")
		}
		cfg.MaxAllowedPacket = n
	}
	return nil
}

// session gives the SET assignments of each new connection, its character set and collation. The driver sends the values
// as SQL, hence the narrow patterns.
func (o Options) session(params url.Values) (set map[string]string, charset, collation string, err error) {
	zone := first(o.TimeZone, strings.Trim(params.Get("time_zone"), `'"`))
	charset = first(o.Charset, params.Get("charset"), "utf8mb4")
	collation = first(o.Collation, params.Get("collation"))
	mode := o.SQLMode
	if o.Role == Ledger {
		if charset != "utf8mb4" || mode != "" || (zone != "" && zone != "+00:00" && zone != "UTC") {
			return nil, "", "", errors.New("the ledger always speaks utf8mb4, UTC and strict mode: remove charset, time_zone and sql_mode")
		}
		zone, mode = "+00:00", strictMode
	}
	set = map[string]string{}
	for _, s := range []struct {
		name, value string
		pattern     *regexp.Regexp
	}{{"time_zone", zone, zoneName}, {"sql_mode", mode, modeList}} {
		if s.value == "" {
			continue
		}
		if !s.pattern.MatchString(s.value) {
			return nil, "", "", fmt.Errorf("%s %q is not a valid value", s.name, s.value)
		}
		set[s.name] = "'" + s.value + "'"
	}
	if !plainName.MatchString(charset) || (collation != "" && !plainName.MatchString(collation)) {
		return nil, "", "", fmt.Errorf("character set %q or collation %q is not a valid name", charset, collation)
	}
	set["wait_timeout"] = strconv.Itoa(int(sessionIdle / time.Second))
	if o.LockWait > 0 {
		set["innodb_lock_wait_timeout"] = strconv.Itoa(max(1, int(o.LockWait/time.Second)))
	}
	return set, charset, collation, nil
}

func first(values ...string) string {
	for _, v := range values {
		if v != "" {
			return v
		}
	}
	return ""
}

// driverLog hands the driver's remarks to slog; without a logger they are dropped, since every one of them also
// comes back as an error.
type driverLog struct{ log *slog.Logger }

func (l driverLog) Print(v ...any) {
	if l.log != nil {
		l.log.Log(context.Background(), slog.LevelDebug, "mysql driver: "+fmt.Sprint(v...))
	}
}

// SplitDSN takes an address apart for tools that connect to several databases of one server: host:port, user, password, and
// the remaining parameters as they stand. The error never quotes the DSN.
func SplitDSN(dsn string) (addr, user, password, params string, err error) {
	plain, values, err := splitDSN(strings.TrimSpace(dsn))
	if err != nil {
		return "", "", "", "", err
	}
	cfg, err := mysql.ParseDSN(plain)
	if err != nil {
		return "", "", "", "", errForm
	}
	return cfg.Addr, cfg.User, cfg.Passwd, values.Encode(), nil
}

// DatabaseName is the database that a DSN names, in either form. The error never holds the password.
func DatabaseName(dsn string) (string, error) {
	cfg, err := Options{DSN: dsn}.config()
	if err != nil {
		return "", fault.New(fault.Permanent, "reading a DSN", err)
	}
	return cfg.DBName, nil
}

// defaultSockets are where servers listen on their own machine when nobody says otherwise, beside port 3306.
var defaultSockets = []string{"/tmp/mysql.sock", "/run/mysqld/mysqld.sock", "/var/run/mysqld/mysqld.sock", "/var/lib/mysql/mysql.sock"}

// DatabasePlace is the server and the database that a DSN names, in either form: one text for all the spellings that are
// easily seen to mean the same. Two names of one server stay two. The error never holds the password.
func DatabasePlace(dsn string) (string, error) {
	cfg, err := Options{DSN: dsn}.config()
	if err != nil {
		return "", fault.New(fault.Permanent, "reading a DSN", err)
	}
	server := cfg.Addr
	if cfg.Net == "unix" && slices.Contains(defaultSockets, cfg.Addr) {
		server = "localhost:3306"
	}
	if host, port, err := net.SplitHostPort(server); err == nil {
		host = strings.TrimSuffix(strings.ToLower(host), ".")
		if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
			host = "localhost"
		}
		server = net.JoinHostPort(host, port)
	}
	return server + "/" + cfg.DBName, nil
}
