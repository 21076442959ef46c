package dbtest

import (
	"bytes"
	"sync"
	"testing"

	"github.com/Shopify/toxiproxy/v2/toxics"
)

// Claiming gives dsn through a proxy that has the server say it is of another version, e.g. "5.7.44" or "10.4.34-MariaDB": servers
// that cannot be had here. It changes one question on its way, nothing else.
func (d *Database) Claiming(t testing.TB, dsn, version string) string {
	t.Helper()
	registerClaim()
	p := d.Proxy(t)
	p.add(claimToxic, "upstream", map[string]any{"version": version})
	return p.DSN(dsn)
}

const (
	claimToxic = "claim_version"
	asked      = "SELECT VERSION()" // as mysqlx.Server asks
)

var registerClaim = sync.OnceFunc(func() { toxics.Register(claimToxic, new(claim)) })

// claim is a toxic that answers the question for the version in the question itself.
type claim struct {
	Version string `json:"version"`
}

// Pipe passes everything on; the question is a packet of its own, since the client waits for the answer.
func (c *claim) Pipe(stub *toxics.ToxicStub) {
	from, to := packet(asked), packet("SELECT '"+c.Version+"'")
	for {
		select {
		case <-stub.Interrupt:
			return
		case chunk := <-stub.Input:
			if chunk == nil {
				stub.Close()
				return
			}
			chunk.Data = bytes.ReplaceAll(chunk.Data, from, to)
			stub.Output <- chunk
		}
	}
}

// packet is a query as the protocol carries it: three bytes of length, a number, the command, the text.
func packet(query string) []byte {
	return append([]byte{byte(len(query) + 1), 0, 0, 0, 3}, query...)
}
