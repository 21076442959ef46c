package archive

import (
	"context"
	"errors"
	"testing"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/providers"
	"faturad/sync/ledger"
)

// dies runs one pass; a download runs in a goroutine of its own, whose death is the process's.
func (s *shelf) dies(t *testing.T, j *Job) (died bool) {
	t.Helper()
	defer func() {
		if r := recover(); r != nil {
			if _, ok := r.(crash); !ok {
				panic(r)
			}
			died = true
		}
	}()
	j.Accounts[0].Provider = mortal{s, &died}
	j.Ledger = mortalLedger{j.Ledger, &died}
	_, err := j.Run(t.Context())
	if err != nil && !died {
		t.Error(err)
	}
	return died
}

// mortal turns a death in a worker into an error that ends the pass without a trace: nothing is recorded after it.
type mortal struct {
	*shelf
	died *bool
}

func (m mortal) guard(do func() ([]byte, error)) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			*m.died, err = true, fault.New(fault.Permanent, "dying", errors.New("killed"))
		}
	}()
	return do()
}

func (m mortal) Download(ctx context.Context, id providers.Identity, format providers.FileFormat) ([]byte, error) {
	return m.guard(func() ([]byte, error) { return m.shelf.Download(ctx, id, format) })
}

func (m mortal) FetchFile(ctx context.Context, id uuid.UUID, format providers.FileFormat) ([]byte, error) {
	return m.guard(func() ([]byte, error) { return m.shelf.FetchFile(ctx, id, format) })
}

// mortalLedger records nothing for a process that died in one of its workers.
type mortalLedger struct {
	Ledger
	died *bool
}

func (m mortalLedger) MoveFiles(ctx context.Context, moves []ledger.FileMove) error {
	if *m.died {
		panic(crash{})
	}
	return m.Ledger.MoveFiles(ctx, moves)
}

func (m mortalLedger) RawReceived(ctx context.Context, id int64) (out []byte, err error) {
	defer func() {
		if r := recover(); r != nil {
			*m.died, err = true, errors.New("killed")
		}
	}()
	return m.Ledger.RawReceived(ctx, id)
}
