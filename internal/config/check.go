package config

import (
	"errors"
	"fmt"
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"faturad/schedule"
)

// SwitchedOff is the cron spec of a job that does not run.
const SwitchedOff = "off"

// shortestToken is the least length of the admin page's token, in characters.
const shortestToken = 16

// safeName is what may name companies, accounts and ERPs: they become parts of keys, commands and URLs.
var safeName = regexp.MustCompile(`^[a-z0-9][a-z0-9_-]{0,31}$`)

// checker collects what is wrong with a decoded config.
type checker struct {
	file     string
	doc      *document
	wrong    []string // keys whose value could not be decoded: what they hold now says nothing
	problems Problems
}

// add reports a problem of the value at path, or of its table when it is missing.
func (k *checker) add(path, format string, args ...any) {
	if k.spoilt(path) {
		return
	}
	line, column := k.doc.place(path)
	k.problems = append(k.problems, Problem{File: k.file, Line: line, Column: column, Key: path, Text: fmt.Sprintf(format, args...)})
}

// spoilt reports whether path or something above it could not be decoded.
func (k *checker) spoilt(path string) bool {
	return slices.ContainsFunc(k.wrong, func(w string) bool {
		return path == w || strings.HasPrefix(path, w+".") || strings.HasPrefix(path, w+"[")
	})
}

// unclear reports whether some value at or below path could not be decoded.
func (k *checker) unclear(path string) bool {
	return slices.ContainsFunc(k.wrong, func(w string) bool { return strings.HasPrefix(w, path) })
}

func (k *checker) config(c *Config) {
	k.oneOf("language", c.Language, "tr", "en")
	k.ledger(&c.Ledger)
	k.admin(&c.Admin)
	k.oneOf("log.level", c.Log.Level, "debug", "info", "warn", "error")
	k.oneOf("log.format", c.Log.Format, "text", "json")
	k.schedule(c.Schedule)
	k.archive(&c.Archive)
	if len(c.Companies) == 0 {
		k.add("", "there is no [[company]]; describe at least one")
	}
	names := map[string]bool{}
	ids := map[string]bool{}
	for i := range c.Companies {
		at := fmt.Sprintf("company[%d]", i)
		company := &c.Companies[i]
		k.name(at+".name", company.Name, names)
		k.company(at, company, c.Companies)
		if id := company.ERP.ID; id != "" && ids[company.VKN+" "+id] {
			k.add(at+".erp.id", "%s.erp.id %q is used twice for the same seller; their invoices would get the same ETTN", at, id)
		}
		ids[company.VKN+" "+company.ERP.ID] = true
	}
	k.sellers(c.Companies)
	k.leases(c)
}

// leases wants a lease to outlast a request, and the wait for its turn: no request is started whose lease may end before it
// does, so that under a shorter one nothing would ever be sent.
func (k *checker) leases(c *Config) {
	lease := c.Ledger.Lease.Std()
	if lease < leastLease {
		return // that is what is wrong with it
	}
	for i, company := range c.Companies {
		for j, account := range company.Accounts {
			if timeout := account.Timeout.Std(); 2*lease < 3*timeout && timeout <= mostTimeout {
				k.add("ledger.lease", "ledger.lease %s is too short for company[%d].account[%d].timeout, which is %s: requests would not be sent; make the lease at least %s",
					c.Ledger.Lease, i, j, account.Timeout, Duration{timeout * 3 / 2})
			}
		}
	}
}

func (k *checker) ledger(l *Ledger) {
	k.secret("ledger.dsn", &l.DSN)
	if l.MigrateDSN.sources() > 1 {
		k.add("ledger.migrate_dsn", "ledger.migrate_dsn names several sources; keep one of env, file and credential")
	}
	k.between("ledger.max_connections", float64(l.MaxConns), 2, 100)
	k.span("ledger.lease", l.Lease, leastLease, time.Hour)
}

func (k *checker) admin(a *Admin) {
	if a.Listen == "" {
		if a.Token.IsSet() {
			k.add("admin.token", `admin.token is set, but admin.listen is not; add listen = "127.0.0.1:8765" or remove the token`)
		}
		return
	}
	if err := checkListen(a.Listen); err != nil {
		k.add("admin.listen", "admin.listen %v", err)
	}
	if k.secret("admin.token", &a.Token) && len(a.Token.Reveal()) < shortestToken {
		k.add("admin.token", "admin.token has fewer than %d characters; make one with: openssl rand -hex 32", shortestToken)
	}
	for i, host := range a.Hosts {
		if host == "" || strings.ContainsAny(host, "/ @") {
			k.add("admin.hosts", "admin.hosts[%d] %q is not a host name such as faturad.example.com", i, host)
		}
	}
}

// checkListen accepts loopback addresses and unix sockets: the page speaks plain HTTP, so the token must not cross a wire.
func checkListen(listen string) error {
	if socket, ok := strings.CutPrefix(listen, "unix:"); ok {
		if !strings.HasPrefix(socket, "/") {
			return fmt.Errorf("%q needs the whole path of the socket, such as unix:/run/faturad/admin.sock", listen)
		}
		return nil
	}
	host, port, err := net.SplitHostPort(listen)
	if err != nil || port == "" {
		return fmt.Errorf(`%q is not an address such as "127.0.0.1:8765" or "unix:/run/faturad/admin.sock"`, listen)
	}
	if !loopback(host) {
		return fmt.Errorf("%q is not on this machine only; listen on 127.0.0.1 and put a reverse proxy with TLS in front of it", listen)
	}
	return nil
}

func loopback(host string) bool {
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(strings.Trim(host, "[]"))
	return err == nil && a.IsLoopback()
}

func (k *checker) schedule(s Schedule) {
	for _, job := range []struct{ key, spec string }{
		{"outbound", s.Outbound}, {"followup", s.Followup}, {"writeback", s.Writeback}, {"inbound", s.Inbound}, {"sweep", s.Sweep}, {"registry", s.Registry},
		{"archive", s.Archive},
	} {
		if job.spec == SwitchedOff {
			continue
		}
		if err := schedule.Check(job.spec); err != nil {
			k.add("schedule."+job.key, "schedule.%s: %v", job.key, err)
		}
	}
	k.span("schedule.timeout", s.Timeout, time.Minute, 24*time.Hour)
}

// name checks a name's characters and that it is not taken.
func (k *checker) name(at, name string, taken map[string]bool) {
	switch {
	case name == "":
		k.add(at, "%s is missing", at)
	case !safeName.MatchString(name):
		k.add(at, "%s %q may hold only small letters a-z, digits, - and _, begin with a letter or digit, and have at most 32 characters", at, name)
	case taken[name]:
		k.add(at, "%s %q is taken; names must be unique", at, name)
	}
	taken[name] = true
}

func (k *checker) oneOf(at, value string, allowed ...string) {
	if slices.Contains(allowed, value) {
		return
	}
	if n := nearest(value, allowed); n != "" {
		k.add(at, "%s %q is unknown; did you mean %q?", at, value, n)
		return
	}
	k.add(at, "%s must be one of %s, not %q", at, strings.Join(allowed, ", "), value)
}

func (k *checker) between(at string, value, least, most float64) {
	if value < least || value > most {
		plain := func(f float64) string { return strconv.FormatFloat(f, 'f', -1, 64) }
		k.add(at, "%s must be between %s and %s, not %s", at, plain(least), plain(most), plain(value))
	}
}

func (k *checker) span(at string, value Duration, least, most time.Duration) {
	if value.Std() < least || value.Std() > most {
		k.add(at, "%s must be between %s and %s, not %s", at, least, most, value)
	}
}

func (k *checker) required(at, value string) {
	if strings.TrimSpace(value) == "" {
		k.add(at, "%s is missing", at)
	}
}

// secret resolves a compulsory secret and reports whether it is there.
func (k *checker) secret(at string, s *Secret) bool {
	if !s.IsSet() {
		k.add(at, `%s is missing; write { file = "/etc/faturad/..." }, { credential = "..." } or { env = "..." }`, at)
		return false
	}
	resolved, err := s.Resolved()
	if err != nil {
		k.add(at, "%s: %v", at, err)
		return false
	}
	*s = resolved
	return true
}

// baseURL reads the address of a provider: https, or http on this machine (simulators).
func baseURL(text string) (*url.URL, error) {
	u, err := url.Parse(text)
	switch {
	case err != nil || u.Host == "" || (u.Scheme != "https" && u.Scheme != "http"):
		return nil, fmt.Errorf("%q is not an address such as https://efaturaservicetest.isim360.com", text)
	case u.User != nil || u.RawQuery != "" || u.Fragment != "":
		return nil, errors.New("must be scheme and host only, without user, ? or #")
	case u.Scheme == "http" && !loopback(u.Hostname()):
		return nil, fmt.Errorf("%q must begin with https://: the API key must not travel unencrypted", text)
	}
	return u, nil
}
