package mysqlx

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"github.com/go-sql-driver/mysql"
	"github.com/jmoiron/sqlx"

	"faturad/internal/fault"
)

// Role says whose database is opened, and with it which session settings are forced.
type Role int

// The two databases that faturad opens. The zero value is the ERP's, the one with fewer demands.
const (
	ERP    Role = iota // the server's own sql_mode; time zone and character set by Options
	Ledger             // strict sql_mode, session in UTC, utf8mb4: the same on every server
)

// String names the role in sentences for operators.
func (r Role) String() string {
	if r == Ledger {
		return "ledger database"
	}
	return "ERP database"
}

// strictMode makes both servers refuse what they would otherwise silently cut, zero or convert.
const strictMode = "STRICT_ALL_TABLES,NO_ZERO_IN_DATE,NO_ZERO_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION,ONLY_FULL_GROUP_BY"

// sessionIdle is after how long without a statement the server ends a session. A process that stands still in the middle of a
// transaction (stopped, a paused machine) keeps its row locks no longer than that, and the others go on.
const sessionIdle = 2 * time.Minute

// Options of Open. Only DSN must be given.
type Options struct {
	DSN  string // user:password@tcp(host:3306)/database?tls=true, or mysql://user:password@host:3306/database
	Role Role
	Name string // how messages call this database, e.g. "ERP database of acme"; empty: the role's name

	Charset   string // connection character set; empty: utf8mb4. "latin1" passes bytes through untouched for latin1 columns
	Collation string // connection collation; empty: the character set's default
	TimeZone  string // session time_zone, "+03:00" or "Europe/Istanbul"; empty: the server's (ERP) or UTC (Ledger)
	SQLMode   string // session sql_mode for the ERP role; empty: the server's default. Not allowed for the ledger

	DialTimeout  time.Duration // 0: 5 s
	ReadTimeout  time.Duration // longest wait for the server's next bytes; 0: 60 s
	WriteTimeout time.Duration // 0: 30 s
	LockWait     time.Duration // innodb_lock_wait_timeout, whole seconds; 0: the server's default

	MaxOpen int          // most connections; 0: 4
	MaxIdle int          // most idle connections; 0: as MaxOpen
	Logger  *slog.Logger // the driver's remarks on broken connections, at debug level; nil: dropped

	AnyDatabase bool // the DSN may name no database: for tools that create one
}

// ErrDSN marks errors that say that a DSN is wrong: only whoever wrote it can help.
var ErrDSN = errors.New("the DSN is wrong")

// Open connects, sets the session up as the role demands, and pings. The error is a *fault.Error whose text never holds
// the password: Retryable when the server cannot be reached, Auth when it refuses the user, Permanent when the DSN or the
// database is wrong. The caller closes what it gets.
func Open(ctx context.Context, o Options) (*sqlx.DB, error) {
	cfg, err := o.config()
	if err != nil {
		return nil, fault.New(fault.Permanent, "reading the DSN of the "+o.name(), fmt.Errorf("%w: %w", ErrDSN, err))
	}
	connector, err := mysql.NewConnector(cfg)
	if err != nil {
		// The driver's words may quote parts of the DSN; keep them out.
		return nil, fault.Newf(fault.Permanent, "reading the DSN of the "+o.name(), "%w: the driver refuses its settings", ErrDSN)
	}
	db := sqlx.NewDb(sql.OpenDB(connector), "mysql")
	maxOpen := orDefault(o.MaxOpen, 4)
	db.SetMaxOpenConns(maxOpen)
	db.SetMaxIdleConns(orDefault(o.MaxIdle, maxOpen))
	db.SetConnMaxLifetime(30 * time.Minute) // fail-overs behind a proxy are noticed without a restart
	db.SetConnMaxIdleTime(sessionIdle / 2)
	if err := db.PingContext(ctx); err != nil {
		doing := fmt.Sprintf("opening the %s (%q at %s as %q)", o.name(), cfg.DBName, cfg.Addr, cfg.User)
		if cerr := db.Close(); cerr != nil {
			err = fmt.Errorf("%w (and closing it: %w)", err, cerr)
		}
		return nil, Wrap(doing, err)
	}
	return db, nil
}

func (o Options) name() string {
	if o.Name != "" {
		return o.Name
	}
	return o.Role.String()
}

func orDefault[T int | time.Duration](v, otherwise T) T {
	if v > 0 {
		return v
	}
	return otherwise
}
