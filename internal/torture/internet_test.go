package torture

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	octets "encoding/binary"
	"encoding/pem"
	"errors"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"
)

// Names below directZone are looked up and connected to; those below proxyZone are left to the proxy. Both are the tests' own.
const (
	directZone = ".direct.test"
	proxyZone  = ".proxied.test"
)

// internet is what this process takes for the network beyond its own machine: a name server, an authority that it trusts, and
// a proxy for HTTPS. Go reads all three once for each process, hence one for all tests; each test has names of its own.
var internet struct {
	authority *x509.Certificate
	key       *ecdsa.PrivateKey

	mu      sync.Mutex
	names   map[string]name
	tunnels map[string]tunnel // of the proxy, by host and port
}

// name is what the name server says of one.
type name struct {
	address net.IP
	code    byte // of the answer; 0 = all is well
}

const (
	serverFailure = 2 // RFC 1035, RCODE
	noSuchName    = 3
)

// tunnel is what the proxy does when one is asked for.
type tunnel struct {
	target string
	answer string // instead of a tunnel; empty = it is dug. hangUp = none at all
}

const hangUp = "hang up"

// untouched is the environment without the tests' proxy and authority, for programs that need the real network.
var untouched []string

// joinInternet makes this process a member of it.
func joinInternet(dir string) error {
	untouched = os.Environ()
	internet.names, internet.tunnels = map[string]name{}, map[string]tunnel{}
	net.DefaultResolver = &net.Resolver{PreferGo: true, Dial: askNames}
	var err error
	if internet.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return err
	}
	der, err := issue(&x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "torture authority"}, IsCA: true,
		BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign, NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(72 * time.Hour)}, internet.key)
	if err != nil {
		return err
	}
	if internet.authority, err = x509.ParseCertificate(der); err != nil {
		return err
	}
	folder := filepath.Join(dir, "authorities")
	if err := os.Mkdir(folder, 0o700); err != nil {
		return err
	}
	text := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if err := os.WriteFile(filepath.Join(folder, "torture.pem"), text, 0o600); err != nil {
		return err
	}
	proxy, err := new(net.ListenConfig).Listen(context.Background(), "tcp", "127.0.0.1:0")
	if err != nil {
		return err
	}
	go serveTunnels(proxy)
	return errors.Join(os.Setenv("SSL_CERT_DIR", folder), os.Setenv("HTTPS_PROXY", "http://"+proxy.Addr().String()),
		os.Setenv("NO_PROXY", strings.TrimPrefix(os.Getenv("NO_PROXY")+","+directZone, ",")))
}

// issue signs a certificate by the authority, or by itself when it is the authority or key is not the authority's.
func issue(template *x509.Certificate, signer *ecdsa.PrivateKey) ([]byte, error) {
	parent := template
	if internet.authority != nil && signer == internet.key {
		parent = internet.authority
	}
	return x509.CreateCertificate(rand.Reader, template, parent, &internet.key.PublicKey, signer)
}

// askNames is how the resolver reaches a name server: the tests' own for their zones, the machine's for all others.
func askNames(ctx context.Context, network, address string) (net.Conn, error) {
	asker, server := net.Pipe() // not a packet connection: both ends speak as over TCP, a length before each message
	go func() {
		defer server.Close()
		for {
			question, err := readMessage(server)
			if err != nil {
				return
			}
			answer := answerOf(question)
			if answer == nil {
				if answer, err = forward(ctx, network, address, question); err != nil {
					return
				}
			}
			if _, err := server.Write(append(octets.BigEndian.AppendUint16(nil, uint16(len(answer))), answer...)); err != nil {
				return
			}
		}
	}()
	return asker, nil
}

func readMessage(r io.Reader) ([]byte, error) {
	var length [2]byte
	if _, err := io.ReadFull(r, length[:]); err != nil {
		return nil, err
	}
	message := make([]byte, octets.BigEndian.Uint16(length[:]))
	_, err := io.ReadFull(r, message)
	return message, err
}

// answerOf answers for the tests' zones (RFC 1035, section 4.1); nil = for another one.
func answerOf(question []byte) []byte {
	const header = 12
	host, at := "", header
	for at < len(question) && question[at] != 0 {
		n := int(question[at])
		host += "." + string(question[at+1:min(at+1+n, len(question))])
		at += 1 + n
	}
	end := at + 5 // the root, type and class
	if end > len(question) || !strings.Contains(host+".", directZone+".") {
		return nil
	}
	internet.mu.Lock()
	known, ok := internet.names[strings.ToLower(strings.TrimPrefix(host, "."))]
	internet.mu.Unlock()
	if !ok {
		known.code = noSuchName
	}
	const typeA = 1
	records := byte(0)
	if known.code == 0 && octets.BigEndian.Uint16(question[at+1:]) == typeA {
		records = 1
	}
	answer := append([]byte{question[0], question[1], 0x81, 0x80 | known.code, 0, 1, 0, records, 0, 0, 0, 0}, question[header:end]...)
	if records > 0 { // its name is that of the question; an Internet address that nobody may remember
		answer = append(append(answer, 0xc0, header, 0, typeA, 0, 1, 0, 0, 0, 0, 0, 4), known.address.To4()...)
	}
	return answer
}

// forward asks the machine's own name server.
func forward(ctx context.Context, network, address string, question []byte) ([]byte, error) {
	conn, err := new(net.Dialer).DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}
	defer conn.Close()
	if deadline, ok := ctx.Deadline(); ok {
		if err := conn.SetDeadline(deadline); err != nil {
			return nil, err
		}
	}
	if strings.HasPrefix(network, "udp") {
		if _, err := conn.Write(question); err != nil {
			return nil, err
		}
		answer := make([]byte, 64<<10)
		n, err := conn.Read(answer)
		return answer[:n], err
	}
	if _, err := conn.Write(append(octets.BigEndian.AppendUint16(nil, uint16(len(question))), question...)); err != nil {
		return nil, err
	}
	return readMessage(conn)
}

// serveTunnels is the proxy.
func serveTunnels(proxy net.Listener) {
	for {
		client, err := proxy.Accept()
		if err != nil {
			return
		}
		go dig(client)
	}
}

func dig(client net.Conn) {
	defer client.Close() // it may be closed already
	in := bufio.NewReader(client)
	r, err := http.ReadRequest(in)
	if err != nil || r.Method != http.MethodConnect {
		return
	}
	internet.mu.Lock()
	to, ok := internet.tunnels[r.Host]
	internet.mu.Unlock()
	if !ok {
		to.answer = "HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n"
	}
	switch to.answer {
	case hangUp:
		return
	case "":
	default:
		_, _ = io.WriteString(client, to.answer)
		_, _ = io.Copy(io.Discard, in) // until the client has read it and leaves
		return
	}
	server, err := net.Dial("tcp", to.target)
	if err != nil {
		return
	}
	defer server.Close() // it may be closed already
	if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
		return
	}
	var pumps sync.WaitGroup
	pump := func(to net.Conn, from io.Reader) {
		_, _ = io.Copy(to, from)
		_, _ = client.Close(), server.Close()
	}
	pumps.Go(func() { pump(server, in) })
	pumps.Go(func() { pump(client, server) })
	pumps.Wait()
}
