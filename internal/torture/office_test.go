package torture

import (
	"fmt"
	"net/http"
	"os"
	"testing"
	"time"

	"github.com/google/uuid"

	"faturad/providers/simulator"
	"faturad/sync/audit"
)

// office is a simulated provider: all that a world, the harness and the judge need of it. What they do is the same for each.
type office interface {
	http.Handler
	Reset()
	ClearFaults()
	Advance(d time.Duration)

	traits() traits
	// install writes the world's config, for the office at url.
	install(w *world, url string)
	// issued is everything that has legal effect, or had.
	issued() []issued
	// requests are those that create: at a provider of two steps the drafts, and the legal steps.
	requests() []request
	// key is the credential with which faturad comes, tokens are those that the office gave for it.
	key() string
	tokens() []string
	// receive adds invoices that the company received, inbox lists them.
	receive(n int, seed uint64)
	inbox() []arrival
	// names says which document of the ledger a request wants to create: the column, and what stands in it. An empty column:
	// it creates nothing.
	names(r *http.Request, body []byte) (column, value string)
	// fault breaks one kind of requests.
	fault(at column, f simulator.Fault) error
}

// traits are what distinguishes an office.
type traits struct {
	name  string
	steps int  // requests, or groups of them, that a document needs
	makes int  // of these, those that create
	pdf   bool // it has the PDF of what the company received
	flag  bool // it marks what is new in the inbox
	// asks says that a document may come to wait for a person: nothing else can tell whether its legal step was done.
	asks bool
	// more are failpoints that only this office's documents pass, less those that they never pass.
	more, less []string
}

// issued is a document at the provider, and the key under which it was sent.
type issued struct {
	audit.Issued
	key uuid.UUID
}

// request is one that creates.
type request struct {
	key   uuid.UUID
	at    time.Time
	hash  string // of the bytes that it carried; empty = the simulator does not keep it
	legal bool   // it has legal effect
	saved bool
}

// arrival is an invoice that somebody sent to the company.
type arrival struct {
	ettn, hash string
	isNew      bool
}

// kind makes offices of one provider, as slow as latency says.
type kind struct {
	name string
	make func(latency time.Duration) office
}

var offices = []kind{{"turkcell", newTurkcell}, {"kolaybi", newKolayBi}, {"propars", newPropars}}

// someOffices are those that a costly test plays: in the short form the first, and one of the others as the seed says.
func someOffices(t *testing.T) []kind {
	t.Helper()
	if long() {
		return offices
	}
	return []kind{offices[0], offices[1+dice(t).IntN(len(offices)-1)]}
}

// atEach runs a test in a world of each provider.
func atEach(t *testing.T, latency time.Duration, test func(t *testing.T, w *world)) {
	t.Helper()
	at(t, offices, latency, setup{}, test)
}

// at runs a test in worlds that are set up alike.
func at(t *testing.T, kinds []kind, latency time.Duration, s setup, test func(t *testing.T, w *world)) {
	t.Helper()
	t.Parallel()
	for _, k := range kinds {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			s := s
			s.office = k.make(latency)
			test(t, newWorld(t, s))
		})
	}
}

// first says that this is the provider whose campaigns are the longest, and were the first.
func (w *world) first() bool { return w.sim != nil }

// suffix tells the campaigns of the other providers from those of the first.
func (w *world) suffix() string {
	if w.first() {
		return ""
	}
	return " at " + w.office.traits().name
}

// writtenConfig is the config of a provider for which `faturad init` has no words.
const writtenConfig = `
[ledger]
dsn = { file = "%[1]s/ledger.dsn" }
migrate_dsn = { file = "%[1]s/migrate.dsn" }
[admin]
listen = "127.0.0.1:0"
token = { file = "%[1]s/admin.token" }
[[company]]
name = "acme"
vkn = "%[2]s"
  [company.seller]
  name = "Örnek Yazılım Ticaret A.Ş."
  tax_office = "Çankaya"
  street = "Atatürk Bulvarı"
  district = "Çankaya"
  city = "Ankara"
  [[company.account]]
  name = "main"
  active = true
%[3]s
  [company.routing]
  kind = "e-arsiv"
  [company.erp]
  id = "erp1"
  dsn = { file = "%[1]s/erp.dsn" }
  preset = "reference"
  start = %[4]s
`

// write writes that config, with the lines of the account and the secrets that they name.
func (w *world) write(account string, secrets map[string]string) {
	w.t.Helper()
	for name, value := range secrets {
		w.secret(name, value)
	}
	text := fmt.Sprintf(writtenConfig, w.dir, sellerVKN, account, time.Now().AddDate(0, -2, 0).Format(time.DateOnly))
	if err := os.WriteFile(w.config, []byte(text), 0o600); err != nil {
		w.t.Fatal(err)
	}
}
