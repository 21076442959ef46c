package web

import (
	"context"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"time"

	"faturad/internal/clock"
	"faturad/schedule"
	"faturad/sync/ledger"
)

// Ledger is what the pages read.
type Ledger interface {
	Sums(ctx context.Context, company string) ([]ledger.StateSum, error)
	Documents(ctx context.Context, f ledger.Filter) ([]ledger.Document, error)
	Find(ctx context.Context, company, ref string) ([]ledger.Document, error)
	History(ctx context.Context, documentID int64) ([]ledger.Event, error)
	AuditTrail(ctx context.Context, documentID int64) ([]ledger.Audit, error)
	Alarms(ctx context.Context, company string) ([]ledger.Alarm, error)
	ListReceived(ctx context.Context, f ledger.ReceivedFilter) ([]ledger.Received, error)
}

// Jobs is the daemon as the pages see it.
type Jobs interface {
	Jobs() []schedule.Status
	Trigger(job, company string) error
	Told(err error) string // what people read of the error of a job; its own words are for the log
	Healthy() bool         // the process works
	Ready() bool           // the ledger answers
}

// Options of Listen. Listen, Token, Log, Ledger and Jobs are required.
type Options struct {
	Listen    string // "127.0.0.1:8765", or "unix:/run/faturad/admin.sock"
	Token     string // what a visitor must know
	Hosts     []string
	Language  string
	Version   string
	Companies []string
	Log       *slog.Logger
	Metrics   http.Handler // nil = no /metrics
	Ledger    Ledger
	Jobs      Jobs
	Clock     clock.Clock // nil = the machine's
}

// Server is an open admin page.
type Server struct {
	options  Options
	listener net.Listener
	guesses  *throttle
	http     *http.Server
	done     chan error
}

// Listen opens the admin page and serves it until Close.
func Listen(ctx context.Context, o Options) (*Server, error) {
	if o.Token == "" {
		return nil, errors.New("the admin page needs a token: set [admin] token, or leave [admin] listen empty")
	}
	if o.Clock == nil {
		o.Clock = clock.Real{}
	}
	if o.Language == "" {
		o.Language = "tr"
	}
	listener, err := listen(ctx, o.Listen)
	if err != nil {
		return nil, err
	}
	s := &Server{options: o, listener: listener, guesses: newThrottle(), done: make(chan error, 1)}
	s.http = &http.Server{
		Handler:           s.handler(),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       15 * time.Second,
		WriteTimeout:      30 * time.Second,
		IdleTimeout:       time.Minute,
		MaxHeaderBytes:    16 << 10,
		ErrorLog:          slog.NewLogLogger(o.Log.Handler(), slog.LevelDebug),
	}
	go func() { s.done <- s.http.Serve(listener) }()
	return s, nil
}

// URL is where the page is.
func (s *Server) URL() string {
	if s.listener.Addr().Network() == "unix" {
		return "unix:" + s.listener.Addr().String()
	}
	return "http://" + s.listener.Addr().String()
}

// shutdownTime is how long open requests may take when the page closes.
const shutdownTime = 5 * time.Second

// Close stops serving, letting open requests end.
func (s *Server) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTime)
	defer cancel()
	err := s.http.Shutdown(ctx)
	if served := <-s.done; !errors.Is(served, http.ErrServerClosed) {
		err = errors.Join(err, served)
	}
	return err
}
