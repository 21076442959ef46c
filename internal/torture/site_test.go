package torture

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// site is a world's provider as the internet knows it: by names, with TLS, directly and through the proxy.
type site struct {
	server  *httptest.Server
	line    *wire
	second  *wire // the same at another address, for when the name moves
	host    string
	port    string
	shows   atomic.Pointer[tls.Certificate]
	genuine *tls.Certificate
}

var sites atomic.Int64

// newSite puts the world's provider on the internet.
func newSite(t testing.TB, w *world) *site {
	t.Helper()
	s := &site{host: fmt.Sprintf("provider%d", sites.Add(1))}
	s.genuine = s.certificate(t, internet.key, time.Hour, s.host+directZone, s.host+proxyZone)
	s.shows.Store(s.genuine)
	s.server = httptest.NewUnstartedServer(w.gate)
	s.server.Config.ErrorLog = log.New(io.Discard, "", 0)
	s.server.TLS = &tls.Config{MinVersion: tls.VersionTLS12, GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return s.shows.Load(), nil }}
	s.server.StartTLS()
	t.Cleanup(s.server.Close)
	target := s.server.Listener.Addr().String()
	for s.second == nil { // two addresses, one port
		s.line = newWire(t, target)
		_, port, err := net.SplitHostPort(s.line.addr)
		if err != nil {
			t.Fatal(err)
		}
		s.port = port
		s.second, err = newWireAt(t, "127.0.0.2:"+port, target)
		if err != nil && !strings.Contains(err.Error(), "in use") {
			t.Fatal(err)
		}
	}
	s.mend()
	return s
}

// certificate makes one for some names, signed by a key, that ends after so long.
func (s *site) certificate(t testing.TB, signer *ecdsa.PrivateKey, ends time.Duration, names ...string) *tls.Certificate {
	t.Helper()
	der, err := issue(&x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		KeyUsage: x509.KeyUsageDigitalSignature, NotBefore: time.Now().Add(-2 * time.Hour), NotAfter: time.Now().Add(ends)}, signer)
	if err != nil {
		t.Fatal(err)
	}
	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: internet.key}
}

// url is where faturad finds it.
func (s *site) url(over route) string {
	if over == overProxy {
		return "https://" + net.JoinHostPort(s.host+proxyZone, s.port)
	}
	return "https://" + net.JoinHostPort(s.host+directZone, s.port)
}

func (s *site) named(n name) {
	internet.mu.Lock()
	defer internet.mu.Unlock()
	internet.names[s.host+directZone] = n
}

func (s *site) tunnelled(answer string) {
	internet.mu.Lock()
	defer internet.mu.Unlock()
	internet.tunnels[net.JoinHostPort(s.host+proxyZone, s.port)] = tunnel{target: s.line.addr, answer: answer}
}

// mend ends every fault.
func (s *site) mend() {
	s.shows.Store(s.genuine)
	s.named(name{address: net.IPv4(127, 0, 0, 1)})
	s.tunnelled("")
	if s.line.meets() != "" {
		s.line.fail("")
	}
}

// strike begins a fault of names, TLS or proxy.
func (s *site) strike(t testing.TB, what string) {
	t.Helper()
	const empty = "\r\nContent-Length: 0\r\n\r\n"
	switch what {
	case "no name":
		s.named(name{code: noSuchName})
	case "name server fails":
		s.named(name{code: serverFailure})
	case "moved":
		s.named(name{address: net.IPv4(127, 0, 0, 2)})
		s.line.fail("refused")
	case "expired":
		s.shows.Store(s.certificate(t, internet.key, -time.Hour, s.host+directZone))
	case "another's":
		s.shows.Store(s.certificate(t, internet.key, time.Hour, "somebody"+directZone))
	case "unknown authority":
		stranger, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			t.Fatal(err)
		}
		s.shows.Store(s.certificate(t, stranger, time.Hour, s.host+directZone))
	case "407":
		s.tunnelled("HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic realm=\"proxy\"" + empty)
	case "403":
		s.tunnelled("HTTP/1.1 403 Forbidden" + empty)
	case "502":
		s.tunnelled("HTTP/1.1 502 Bad Gateway" + empty)
	case "page":
		s.tunnelled("HTTP/1.1 200 OK\r\n\r\n<html><body>Please log in</body></html>")
	case hangUp:
		s.tunnelled(hangUp)
	case "cut handshake":
		s.line.fail(what)
	default: // it happens to connections that stand
		s.line.fail(what)
		return
	}
	s.server.CloseClientConnections() // the fault is met by those who connect anew
}
