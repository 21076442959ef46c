package main

import (
	"errors"

	"faturad/internal/app"
	"faturad/internal/config"
	"faturad/internal/fault"
	"faturad/internal/mysqlx"
	"faturad/sync/erp"
)

// The exit codes of design and README: a contract with scripts.
const (
	exitDone        = 0
	exitFailed      = 1
	exitUsage       = 2 // wrong usage, config, or credentials: somebody must change something
	exitPerson      = 3 // done, but some documents need a person
	exitUnreachable = 4 // provider or database away: trying later may work
)

// usageError is a mistake on the command line or in the config.
type usageError struct{ err error }

func (e usageError) Error() string { return e.err.Error() }
func (e usageError) Unwrap() error { return e.err }

// errPerson ends a command that did its work and found documents that need a person; the output has said so.
var (
	errPerson = errors.New("some documents need a person: `faturad documents --state held,refused,disputed,failed`")
	// errSilent marks an error whose text the output has already shown.
	errSilent = errors.New("already said")
)

// silent is an error that prints nothing more.
type silent struct{ err error }

func (s silent) Error() string   { return s.err.Error() }
func (s silent) Unwrap() []error { return []error{s.err, errSilent} }

// errorJSON is what --json prints of a command that came to nothing.
type errorJSON struct {
	Message  string        `json:"message"`
	Class    string        `json:"class"` // of a provider's or a database's error: retryable, permanent, auth ...; else empty
	ExitCode int           `json:"exit_code"`
	Problems []problemJSON `json:"problems"` // what is wrong with the config
}

// problemJSON is one thing wrong with the config.
type problemJSON struct {
	File    string `json:"file"`
	Line    int    `json:"line"`
	Column  int    `json:"column"`
	Key     string `json:"key"`
	Message string `json:"message"`
}

// errorDocument is the one JSON document of a command that printed none.
func errorDocument(err error) map[string]errorJSON {
	out := errorJSON{Message: err.Error(), Class: string(fault.ClassOf(err)), ExitCode: exitCode(err), Problems: []problemJSON{}}
	if problems, ok := errors.AsType[config.Problems](err); ok {
		for _, p := range problems {
			out.Problems = append(out.Problems, problemJSON{p.File, p.Line, p.Column, p.Key, p.Text})
		}
	}
	return map[string]errorJSON{"error": out}
}

// exitCode is the exit code of a command that ended with err.
func exitCode(err error) int {
	var usage usageError
	var problems config.Problems
	switch {
	case err == nil:
		return exitDone
	case errors.As(err, &usage), errors.As(err, &problems), errors.Is(err, fault.Auth), errors.Is(err, erp.ErrMisfit), errors.Is(err, mysqlx.ErrDSN):
		return exitUsage
	case app.IsBusy(err):
		return exitFailed // nothing is away: somebody else was faster
	case errors.Is(err, fault.Retryable), errors.Is(err, fault.Throttled), errors.Is(err, fault.Ambiguous):
		return exitUnreachable
	case errors.Is(err, errPerson):
		return exitPerson
	}
	return exitFailed
}
