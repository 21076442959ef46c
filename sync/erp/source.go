package erp

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"github.com/google/uuid"
	"github.com/jmoiron/sqlx"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/internal/mysqlx"
)

// The defaults of a source.
const (
	defaultBatch    = 100
	defaultTimeout  = 30 * time.Second
	defaultTimeZone = "+03:00"
	keyBatch        = 500 // keys handed to a caller at once
)

// Source is an opened ERP. It is safe for concurrent use.
type Source struct {
	db        *sqlx.DB
	cfg       Config
	log       *slog.Logger
	reader    *reader
	documents []*document
	events    map[string][]*statement
	targets   *targets
	writeZone *time.Location
}

// document is one compiled kind of sale.
type document struct {
	cfg     Document
	key     []keyPart
	pending query
	known   query
	recheck query
	header  query
	lines   query
}

// query is one compiled SELECT with the columns that it may return.
type query struct {
	template
	place   string // for messages: document[invoice].header
	aliases *aliasSet
	extra   map[string]bool // further columns that rules read
}

// Open compiles cfg (already laid over its preset) for use on db. It asks the database nothing; Check does. db comes from
// mysqlx.Open with Config.Session as its time zone. A nil log drops what it would say.
func Open(db *sqlx.DB, cfg Config, log *slog.Logger) (*Source, error) {
	if problems := cfg.Check(); len(problems) > 0 {
		return nil, fault.Newf(fault.Permanent, "opening the ERP source", "%s (and %d more)", problems[0], len(problems)-1)
	}
	if log == nil {
		log = slog.New(slog.DiscardHandler)
	}
	s := &Source{db: db, cfg: cfg, log: log, targets: newTargets(db)}
	var err error
	if s.reader, err = newReader(cfg); err != nil {
		return nil, fault.New(fault.Permanent, "opening the ERP source", err)
	}
	if s.writeZone, err = zoneOf(cfg.Session()); err != nil {
		return nil, fault.New(fault.Permanent, "opening the ERP source", err)
	}
	for _, d := range cfg.Documents {
		doc, err := compileDocument(cfg, d)
		if err != nil {
			return nil, fault.New(fault.Permanent, "opening the ERP source", err)
		}
		s.documents = append(s.documents, doc)
	}
	if s.events, err = compileEvents(cfg); err != nil {
		return nil, fault.New(fault.Permanent, "opening the ERP source", err)
	}
	return s, nil
}

// Session is the session time_zone that the ERP's connections must have (mysqlx.Options.TimeZone): TIMESTAMP columns
// come in it, NOW() is in it, and times are written in it.
func (c Config) Session() string {
	if c.TimeZone == "" {
		return defaultTimeZone
	}
	return c.TimeZone
}

func compileDocument(cfg Config, d Document) (*document, error) {
	doc := &document{cfg: d}
	var err error
	if doc.key, err = parseKey(d.Key); err != nil {
		return nil, fmt.Errorf("document[%s]: %w", d.Name, err)
	}
	for _, q := range []struct {
		into    *query
		name    string
		sql     string
		aliases []Alias
	}{
		{&doc.pending, "pending", d.Pending, nil},
		{&doc.known, "known", d.Known, KnownAliases},
		{&doc.recheck, "recheck", d.Recheck, nil},
		{&doc.header, "header", d.Header, HeaderAliases},
		{&doc.lines, "lines", d.Lines, LineAliases},
	} {
		q.into.place = fmt.Sprintf("document[%s].%s", d.Name, q.name)
		q.into.aliases = newAliasSet(q.aliases)
		q.into.extra = extraColumns(cfg, doc.key, q.name)
		if q.into.template, err = compile(q.sql, cfg.Vars); err != nil {
			return nil, fmt.Errorf("%s: %w", q.into.place, err)
		}
	}
	return doc, nil
}

// extraColumns are the columns beside the contract's that a query may return: the key, and what text rules read.
func extraColumns(cfg Config, key []keyPart, name string) map[string]bool {
	extra := map[string]bool{}
	for _, p := range key {
		extra[p.name] = true
	}
	if name != "header" && name != "lines" {
		return extra
	}
	for _, columns := range cfg.Text.First {
		for _, c := range columns {
			extra[c] = true
		}
	}
	for _, x := range cfg.Text.Extract {
		if x.Lines == (name == "lines") {
			for _, c := range x.From {
				extra[c] = true
			}
		}
	}
	return extra
}

// Spaces names the key spaces, in the order of the source.
func (s *Source) Spaces() []string {
	names := make([]string, len(s.documents))
	for i, d := range s.documents {
		names[i] = d.cfg.Name
	}
	return names
}

// Config is the source as it is in use.
func (s *Source) Config() Config { return s.cfg }

// Now is the clock of the ERP's database server, in UTC.
func (s *Source) Now(ctx context.Context) (time.Time, error) {
	var now time.Time
	err := s.db.GetContext(ctx, &now, "SELECT UTC_TIMESTAMP()")
	return now, mysqlx.Wrap("reading the clock of the ERP's database", err)
}

func (s *Source) document(space string) (*document, error) {
	for _, d := range s.documents {
		if d.cfg.Name == space {
			return d, nil
		}
	}
	return nil, fault.Newf(fault.Permanent, "reading the ERP", "the source has no document %q%s", space, didYouMean(space, s.Spaces()))
}

// Pending calls each with batches of canonical keys of sales to issue, at most limit keys in all (0 = no limit). The
// query is over before each is called, so that no read stays open on the ERP.
func (s *Source) Pending(ctx context.Context, space string, limit int, each func(keys []string) error) error {
	d, err := s.document(space)
	if err != nil {
		return err
	}
	var keys []string
	err = s.scan(ctx, d, d.pending, s.readParams(invoice.Date{}, limit), func(in row) (bool, error) {
		key, err := s.key(d, in)
		if err != nil {
			s.log.Warn("a pending sale has no usable key", "space", space, "error", err)
			return true, nil
		}
		keys = append(keys, key)
		return limit <= 0 || len(keys) < limit, nil
	})
	if err != nil {
		return err
	}
	return inBatches(keys, each)
}

// Recheck calls each with batches of keys since a day whose content may have changed; a source without the query has none.
func (s *Source) Recheck(ctx context.Context, space string, since invoice.Date, each func(keys []string) error) error {
	d, err := s.document(space)
	if err != nil || d.recheck.empty() {
		return err
	}
	var keys []string
	err = s.scan(ctx, d, d.recheck, s.readParams(since, 0), func(in row) (bool, error) {
		key, err := s.key(d, in)
		if err == nil {
			keys = append(keys, key)
		}
		return true, nil
	})
	if err != nil {
		return err
	}
	return inBatches(keys, each)
}

// Known calls each with batches of sales that carry our marks; a source without the query knows none.
func (s *Source) Known(ctx context.Context, space string, each func([]KnownSale) error) error {
	d, err := s.document(space)
	if err != nil || d.known.empty() {
		return err
	}
	var known []KnownSale
	err = s.scan(ctx, d, d.known, s.readParams(invoice.Date{}, 0), func(in row) (bool, error) {
		key, err := s.key(d, in)
		if err != nil {
			s.log.Warn("a sale with our marks has no usable key", "space", space, "error", err)
			return true, nil
		}
		texts, _ := s.reader.texts(in, d.known.aliases, false)
		sale := KnownSale{Key: key, Number: texts["number"], State: texts["status"]}
		if ettn := texts["ettn"]; ettn != "" {
			if sale.ETTN, err = uuid.Parse(ettn); err != nil {
				s.log.Warn("a sale carries an ETTN that is none", "space", space, "key", key, "ettn", ettn)
			}
		}
		if sale.SentAt, err = in["sent_at"].instant(s.writeZone); err != nil {
			s.log.Warn("a sale carries a sent_at that is no time", "space", space, "key", key, "err", err)
		}
		known = append(known, sale)
		return true, nil
	})
	if err != nil {
		return err
	}
	return inBatches(known, each)
}

func inBatches[T any](all []T, each func([]T) error) error {
	for len(all) > 0 {
		n := min(len(all), keyBatch)
		if err := each(all[:n:n]); err != nil {
			return err
		}
		all = all[n:]
	}
	return nil
}

// key gives the canonical key of a row.
func (s *Source) key(d *document, in row) (string, error) {
	values := make([]string, len(d.key))
	for i, p := range d.key {
		c := in[p.name]
		values[i] = s.reader.decoded(p.name, c)
		if c.null() || values[i] == "" {
			return "", fmt.Errorf("its %s is empty", p.name)
		}
	}
	key := Key(values...)
	if _, err := splitKey(d.key, key); err != nil {
		return "", err
	}
	return key, nil
}

// readParams binds the parameters of pending, known and recheck.
func (s *Source) readParams(since invoice.Date, limit int) map[string]any {
	if limit <= 0 {
		limit = 1 << 30
	}
	if since.IsZero() || since.Before(s.cfg.Start) {
		since = s.cfg.Start
	}
	return map[string]any{
		"start":  s.cfg.Start.String(),
		"since":  since.String(),
		"settle": int64(s.cfg.Settle.Seconds()),
		"limit":  limit,
	}
}

// querier is a connection pool or a transaction.
type querier interface {
	QueryxContext(ctx context.Context, query string, args ...any) (*sqlx.Rows, error)
}

// scan runs a query with plain parameters and calls take for each row until that says stop.
func (s *Source) scan(ctx context.Context, d *document, q query, params map[string]any, take func(row) (more bool, err error)) error {
	sql, args, err := q.render(func(name string, _ int) (string, []any, error) {
		v, ok := params[name]
		if !ok {
			return "", nil, fmt.Errorf(":%s is no parameter here%s", name, didYouMean(name, keysOf(params)))
		}
		return "?", []any{v}, nil
	})
	if err != nil {
		return fault.New(fault.Permanent, "reading "+q.place, err)
	}
	ctx, cancel := context.WithTimeout(ctx, s.timeout())
	defer cancel()
	return s.rows(ctx, s.db, q, sql, args, take)
}

func (s *Source) timeout() time.Duration {
	if s.cfg.Timeout.Duration > 0 {
		return s.cfg.Timeout.Duration
	}
	return defaultTimeout
}

// rows runs sql and hands its rows on.
func (s *Source) rows(ctx context.Context, db querier, q query, sql string, args []any, take func(row) (more bool, err error)) (err error) {
	rows, err := db.QueryxContext(ctx, sql, args...)
	if err != nil {
		return wrap("reading "+q.place, err)
	}
	defer func() {
		if cerr := rows.Close(); cerr != nil && err == nil {
			err = wrap("reading "+q.place, cerr)
		}
	}()
	columns, err := columnsOf(rows)
	if err != nil {
		return wrap("reading "+q.place, err)
	}
	if err := q.refuseUnknown(columns); err != nil {
		return newMisfit(fault.New(fault.Permanent, "reading "+q.place, err))
	}
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return wrap("reading "+q.place, err)
		}
		in := make(row, len(columns))
		for i, c := range columns {
			in[c.name] = cell{values[i], c.dbType}
		}
		if more, err := take(in); err != nil || !more {
			return err
		}
	}
	return wrap("reading "+q.place, rows.Err())
}
