package web

import (
	"net"
	"net/http"
	"slices"
	"strings"
)

// largestBody bounds what a request may carry, in bytes; the page's own forms have a few hundred.
const largestBody = 4 << 10

// policy lets a browser load our style sheet, send our forms, and nothing else.
const policy = "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"

// secured puts the rules that hold for every request around the pages: headers that let a browser run nothing but what
// we sent, known Host names only (DNS rebinding), no cross-origin writes, small bodies.
func (s *Server) secured(next http.Handler) http.Handler {
	sameOrigin := http.NewCrossOriginProtection().Handler(next)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("X-Frame-Options", "DENY")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !s.knownHost(r.Host) {
			http.Error(w, "unknown Host: add it to [admin] hosts", http.StatusMisdirectedRequest)
			return
		}
		r.Body = http.MaxBytesReader(w, r.Body, largestBody)
		sameOrigin.ServeHTTP(w, r)
	})
}

// knownHost accepts loopback names, addresses, and what the config adds. Browsers cannot reach a unix socket.
func (s *Server) knownHost(hostport string) bool {
	if s.listener.Addr().Network() == "unix" {
		return true
	}
	host := hostport
	if h, _, err := net.SplitHostPort(hostport); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil && ip.IsLoopback() {
		return true
	}
	return strings.EqualFold(host, "localhost") || slices.ContainsFunc(s.options.Hosts, func(known string) bool { return strings.EqualFold(known, host) })
}
