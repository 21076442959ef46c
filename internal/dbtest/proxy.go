package dbtest

import (
	"bytes"
	"encoding/json"
	"testing"

	"github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// Proxy stands between a client and a server and can fail as networks do. It starts healthy.
type Proxy struct {
	t     testing.TB
	proxy *toxiproxy.Proxy
	names []string
}

// Proxy puts a proxy in front of this database's server; it ends with the test.
func (d *Database) Proxy(t testing.TB) *Proxy {
	t.Helper()
	return NewProxy(t, d.srv.Addr)
}

// NewProxy puts a proxy in front of any TCP address, e.g. a provider's simulator; it ends with the test.
func NewProxy(t testing.TB, addr string) *Proxy {
	t.Helper()
	api := toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop())
	p := &Proxy{t: t, proxy: toxiproxy.NewProxy(api, t.Name(), "127.0.0.1:0", addr)}
	p.Up()
	t.Cleanup(p.proxy.Stop)
	return p
}

// Addr is where clients connect; it stays the same through Down and Up.
func (p *Proxy) Addr() string { return p.proxy.Listen }

// DSN gives dsn, as Database.DSN or Database.User returned it, through the proxy.
func (p *Proxy) DSN(dsn string) string {
	p.t.Helper()
	out, err := through(dsn, p.Addr())
	if err != nil {
		p.t.Fatalf("dbtest: %v", err)
	}
	return out
}

// Down cuts every connection and refuses new ones: the server is off.
func (p *Proxy) Down() { p.proxy.Stop() }

// Up takes connections again after Down.
func (p *Proxy) Up() {
	p.t.Helper()
	if err := p.proxy.Start(); err != nil {
		p.t.Fatalf("dbtest: starting the proxy: %v", err)
	}
}

// Cut breaks the connections of this moment and takes new ones at once.
func (p *Proxy) Cut() {
	p.t.Helper()
	p.Down()
	p.Up()
}

// LoseAnswers lets requests arrive and cuts the connection after that many more bytes of answers: with 0 before a COMMIT,
// the server commits and the client never learns it.
func (p *Proxy) LoseAnswers(after int64) {
	p.t.Helper()
	p.add("limit_data", "downstream", map[string]any{"bytes": after})
}

// LoseRequests cuts the connection after that many more bytes of requests: with 0 before a COMMIT, it never arrives.
func (p *Proxy) LoseRequests(after int64) {
	p.t.Helper()
	p.add("limit_data", "upstream", map[string]any{"bytes": after})
}

// Hang swallows what the server answers and keeps connections open: nothing comes until the client's own time-out.
func (p *Proxy) Hang() {
	p.t.Helper()
	p.add("timeout", "downstream", map[string]any{"timeout": 0})
}

// Slow delays answers by so many milliseconds.
func (p *Proxy) Slow(milliseconds int) {
	p.t.Helper()
	p.add("latency", "downstream", map[string]any{"latency": milliseconds})
}

// Heal takes all faults away; connections that were hurt stay broken.
func (p *Proxy) Heal() {
	p.t.Helper()
	for _, name := range p.names {
		if err := p.proxy.Toxics.RemoveToxic(p.t.Context(), name); err != nil {
			p.t.Fatalf("dbtest: healing %s: %v", name, err)
		}
	}
	p.names = nil
}

func (p *Proxy) add(kind, stream string, attributes map[string]any) {
	p.t.Helper()
	name := kind + "_" + stream
	spec, err := json.Marshal(map[string]any{"name": name, "type": kind, "stream": stream, "attributes": attributes})
	if err == nil {
		_, err = p.proxy.Toxics.AddToxicJson(bytes.NewReader(spec))
	}
	if err != nil {
		p.t.Fatalf("dbtest: adding the fault %s: %v", name, err)
	}
	p.names = append(p.names, name)
}
