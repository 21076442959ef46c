package e2e

import (
	"errors"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

// serviceManager is the socket that systemd would give; it collects what it is told.
func serviceManager(t *testing.T) (env string, told func() string) {
	t.Helper()
	dir, err := os.MkdirTemp("", "faturad-notify-") // t.TempDir is too long for a socket's name
	if err != nil {
		t.Fatal(err)
	}
	name := filepath.Join(dir, "s")
	conn, err := net.ListenUnixgram("unixgram", &net.UnixAddr{Name: name, Net: "unixgram"})
	if err != nil {
		t.Fatal(err)
	}
	heard := &output{}
	done := make(chan struct{})
	go func() {
		defer close(done)
		buffer := make([]byte, 4096)
		for {
			n, err := conn.Read(buffer)
			if err != nil {
				return
			}
			_, _ = heard.Write(append(buffer[:n:n], '\n')) // it never fails
		}
	}()
	t.Cleanup(func() {
		if err := errors.Join(conn.Close(), os.RemoveAll(dir)); err != nil {
			t.Error(err)
		}
		<-done
	})
	return "NOTIFY_SOCKET=" + name, heard.String
}

var adminURL = regexp.MustCompile(`admin=(http://127\.0\.0\.1:\d+)`)

// daemon starts `faturad run` and waits until it is ready. It gives the admin page's address.
func (w *world) daemon() (p *process, told func() string, admin string) {
	w.t.Helper()
	env, told := serviceManager(w.t)
	p = w.startWith([]string{env}, "run")
	var found []string
	w.until(func() bool { // what it logs comes through a pipe, later than what it tells the service manager
		found = adminURL.FindStringSubmatch(p.err.String())
		return strings.Contains(told(), "READY=1") && found != nil || p.ended()
	})
	if found == nil {
		w.t.Fatalf("the daemon does not name its admin page:\n%s%s", p.out, p.err)
	}
	return p, told, found[1]
}

// visitor is a script or browser at the admin page.
type visitor struct {
	t     *testing.T
	base  string
	token string
	http  http.Client
}

func (v *visitor) ask(method, path string, form url.Values) (status int, body string) {
	v.t.Helper()
	request, err := http.NewRequestWithContext(v.t.Context(), method, v.base+path, strings.NewReader(form.Encode()))
	if err != nil {
		v.t.Fatal(err)
	}
	if form != nil {
		request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	if v.token != "" {
		request.Header.Set("Authorization", "Bearer "+v.token)
	}
	answer, err := v.http.Do(request)
	if err != nil {
		v.t.Fatalf("%s %s: %v", method, path, err)
	}
	defer answer.Body.Close()
	text, err := io.ReadAll(answer.Body)
	if err != nil {
		v.t.Fatal(err)
	}
	return answer.StatusCode, string(text)
}

func TestDaemon(t *testing.T) {
	w := ready(t, turkcellsim.Options{SellerTaxNo: sellerVKN})
	w.sales(1, 3)
	w.sim.GenerateIncoming(2, 4)
	w.everySecond()
	w.edit(func(text string) string { // outbound comes only when it is asked for
		return strings.Replace(text, "outbound = \"@every 1s\"", "outbound = \"15 3 * * *\"", 1)
	})
	p, told, admin := w.daemon()
	token := strings.TrimSpace(w.read("admin.token"))

	stranger := &visitor{t: t, base: admin}
	stranger.http.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	for _, path := range []string{"/", "/documents", "/inbox", "/metrics"} {
		if status, body := stranger.ask("GET", path, nil); status != http.StatusUnauthorized || strings.Contains(body, "acme") {
			t.Errorf("%s shows a stranger %d %s", path, status, body)
		}
	}
	if status, _ := stranger.ask("POST", "/run", url.Values{"job": {"outbound"}, "company": {"acme"}}); status != http.StatusUnauthorized {
		t.Errorf("a stranger may trigger: %d", status)
	}
	wrong := &visitor{t: t, base: admin, token: token + "x"}
	if status, _ := wrong.ask("GET", "/", nil); status != http.StatusUnauthorized {
		t.Errorf("a wrong token opens the page: %d", status)
	}
	if status, _ := stranger.ask("POST", "/login", url.Values{"token": {"wrong"}}); status != http.StatusUnauthorized {
		t.Errorf("a wrong log-in: %d", status)
	}
	if status, body := stranger.ask("GET", "/healthz", nil); status != http.StatusOK {
		t.Errorf("/healthz: %d %s", status, body)
	}
	w.until(func() bool { status, _ := stranger.ask("GET", "/readyz", nil); return status == http.StatusOK })
	if n := len(w.sim.Documents()); n != 0 {
		t.Errorf("%d documents went out before anybody asked", n)
	}

	friend := &visitor{t: t, base: admin, token: token}
	friend.http.CheckRedirect = stranger.http.CheckRedirect
	if status, body := friend.ask("POST", "/run", url.Values{"job": {"outbound"}, "company": {"acme"}}); status >= http.StatusBadRequest {
		t.Errorf("triggering: %d %s", status, body)
	}
	w.until(func() bool {
		return w.count("SELECT COUNT(*) FROM documents WHERE state = 'accepted' AND NOT unwritten") == 3 && w.newAtProvider() == 0
	})
	w.until(func() bool { // as of the last pass
		_, body := friend.ask("GET", "/metrics", nil)
		return strings.Contains(body, `faturad_documents{company="acme",state="accepted"} 3`) && strings.Contains(body, "faturad_provider_request_seconds")
	})
	if status, body := friend.ask("GET", "/documents", nil); status != http.StatusOK || !strings.Contains(body, w.issued()["acme:sale:1"].Number) {
		t.Errorf("/documents: %d %.300s", status, body)
	}
	const alive = "SELECT COUNT(*) FROM marks WHERE name = 'daemon.alive' AND at > UTC_TIMESTAMP(6) - INTERVAL 1 DAY"
	if w.count(alive) != 1 {
		t.Error("the ledger does not know that a daemon writes into it")
	}
	r := p.stop()
	if w.count(alive) != 0 {
		t.Error("the ledger does not know that the daemon was stopped")
	}
	if r.code != 0 || !strings.Contains(told(), "STOPPING=1") {
		t.Errorf("it ended with %d and told %q\n%s", r.code, told(), r.errOut)
	}
	w.exactlyOnce(3)
	w.receivedOnce(2)
	for _, secret := range w.secrets() {
		if strings.Contains(r.out+r.errOut, secret) {
			t.Errorf("the log shows a secret:\n%s", r.errOut)
		}
	}
	if found := internals.FindString(r.errOut); found != "" {
		t.Errorf("the log shows insides, %q:\n%s", found, r.errOut)
	}
}

// SIGTERM in the middle: what is in flight is finished and recorded, nothing is left in sending, and nothing is unknown.
func TestStoppedWhileSending(t *testing.T) {
	w := ready(t, turkcellsim.Options{Latency: 150 * time.Millisecond})
	w.account("  in_flight = 3")
	w.everySecond()
	w.sales(1, 60)
	p, _, _ := w.daemon()
	w.until(func() bool { asked, _ := w.creates(); return asked >= 5 })
	r := p.stop()
	if r.code != 0 {
		t.Errorf("it ended with %d\n%s", r.code, r.errOut)
	}
	states := w.states()
	if states["sending"]+states["unknown"] != 0 {
		t.Errorf("left behind: %v", states)
	}
	if asked, saved := w.creates(); asked != saved || asked != states["sent"]+states["accepted"] || asked == 60 {
		t.Errorf("%d requests, %d documents made, the ledger says %v", asked, saved, states)
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE lease_until > UTC_TIMESTAMP(6)"); n != 0 {
		t.Errorf("%d documents are still leased", n)
	}
	if n := w.count("SELECT COUNT(*) FROM documents WHERE unwritten = TRUE"); n != 0 {
		t.Errorf("%d documents were not written back before it ended", n)
	}
	w.ok("sync", "outbound") // goes on at once: no lease has to run out
	if n := len(w.sim.Documents()); n != 60 {
		t.Errorf("the provider has %d documents, want 60", n)
	}
	w.settle()
	w.exactlyOnce(60)
	w.wantCreates(60)
}

// The daemon outlives its databases and its provider.
func TestDaemonOutlivesOutages(t *testing.T) {
	t.Parallel()
	w := newWorld(t, setup{preset: "reference", start: "2026-09-01", fronted: true, sim: turkcellsim.Options{SellerTaxNo: sellerVKN}})
	w.ok("sync", "registry")
	erp, ledger := w.erp.Proxy(t), w.ledger.Proxy(t)
	w.secret("erp.dsn", erp.DSN(strings.TrimSpace(w.read("erp.dsn"))))
	w.secret("ledger.dsn", ledger.DSN(strings.TrimSpace(w.read("ledger.dsn"))))
	w.everySecond()
	p, _, _ := w.daemon()
	total := 0
	for _, outage := range []struct{ down, up func() }{{erp.Down, erp.Up}, {ledger.Down, ledger.Up}, {w.front.Down, w.front.Up}} {
		outage.down()
		w.sales(total+1, 3)
		total += 3
		p.live(1500 * time.Millisecond)
		outage.up()
		w.until(func() bool {
			return w.count("SELECT COUNT(*) FROM documents WHERE state IN ('sent', 'accepted')") == total || p.ended()
		})
	}
	if p.ended() {
		t.Fatalf("the daemon ended\n%s", p.err)
	}
	if r := p.stop(); r.code != 0 {
		t.Errorf("it ended with %d\n%s", r.code, r.errOut)
	}
	w.settle()
	w.exactlyOnce(total)
}

// A wrong key shows when the daemon starts, not when the first invoice is due; it ends nothing. A provider that is away is
// no verdict on the key.
func TestDaemonAsksAboutTheKeyAtOnce(t *testing.T) {
	for _, c := range []struct {
		name           string
		breaks         func(*world)
		log, status    string
		neither, level string
	}{
		{"right", func(*world) {}, "accepts the credentials", "STATUS=running, 1 provider account", "ALARM", "level=INFO"},
		{"refused", func(w *world) { w.swap("turkcell.key", "not-the-key-of-this-company") }, "the provider refuses the credentials of this account", "STATUS=credentials REFUSED by the provider: acme/main", "accepts", "level=ERROR"},
		{"away", func(w *world) { w.front.Down() }, "could not be asked", "STATUS=running; at the start the provider could not be reached: acme/main", "ALARM", "level=WARN"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, setup{preset: "reference", fronted: true, sim: turkcellsim.Options{SellerTaxNo: sellerVKN}})
			w.ok("sync", "registry")
			c.breaks(w)
			w.edit(func(text string) string { // nothing but the start asks
				return regexp.MustCompile(`(?m)^(outbound|followup|inbound|registry|writeback) += ".*"`).ReplaceAllString(text, `$1 = "15 3 1 1 *"`)
			})
			p, told, _ := w.daemon()
			w.until(func() bool { return strings.Contains(told(), c.status) && strings.Contains(p.err.String(), c.log) })
			said := p.err.String()
			if !strings.Contains(said, c.log) || !strings.Contains(said, c.level) || strings.Contains(said, c.neither) {
				t.Errorf("the daemon says:\n%s", said)
			}
			if r := p.stop(); r.code != 0 {
				t.Errorf("exit code %d\n%s", r.code, r.errOut)
			}
		})
	}
}
