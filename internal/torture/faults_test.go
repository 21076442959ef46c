package torture

import (
	"net/http"
	"time"

	"faturad/providers/simulator"
)

// column is what the request that meets a fault is about.
type column int

const (
	create column = iota
	lookUp
	status
	list
	download
)

// route is how faturad reaches the provider.
type route int

const (
	overPlain route = iota // an address, without TLS
	overTLS                // a name, with TLS
	overProxy              // the same through a proxy for HTTPS
)

var columns = []string{"create", "look-up", "status", "list", "download"}

// meets is how faturad meets one fault: which fault, and where documents (create, look-up, status) or incoming invoices (list,
// download) stand while it lasts.
type meets struct {
	name  string
	fault simulator.Fault
	// wire says what the network does instead: "refused", "reset", "cut request", "cut answer", "idle closed"; and on the other
	// routes what site.strike knows.
	wire string
	over route
	want [5]string
	// short has creates time out soon: half a second instead of a minute.
	short bool
	// bends says that files arrive whole and different: nobody can tell.
	bends bool
}

func simply(name, kind string, want [5]string) meets {
	return meets{name: name, fault: simulator.Fault{Kind: kind}, want: want}
}

// answers is an answer without any work. Where its body says {key}, the provider repeats the credential: it must not get out.
func answers(name string, code int, body, retryAfter string, want [5]string) meets {
	return meets{name: name, fault: simulator.Fault{Kind: simulator.FaultStatus, Status: code, Body: body, RetryAfter: retryAfter}, want: want}
}

func on(name, wire string, want [5]string) meets { return meets{name: name, wire: wire, want: want} }

func tlsOn(name, wire string, want [5]string) meets {
	return meets{name: name, wire: wire, want: want, over: overTLS}
}

func proxyOn(name, wire string, want [5]string) meets {
	return meets{name: name, wire: wire, want: want, over: overProxy}
}

// Where faturad stands when no connection came about, when one broke off, and when nothing was wrong. While one is cut, the
// other sale may try to make one, which is cut in its handshake.
var (
	cutOff     = [5]string{"prepared or unknown", "unknown", "sent", "still new", "still new"}
	notReached = [5]string{"prepared", "unknown", "sent", "still new", "still new"}
	brokenOff  = [5]string{"unknown", "unknown", "sent", "still new", "still new"}
	allWell    = [5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}
)

// outlasts is an answer that takes longer than creates wait.
func outlasts(name, kind string, d time.Duration, want [5]string) meets {
	return meets{name: name, fault: simulator.Fault{Kind: kind, Delay: d}, want: want, short: true}
}

// matrix is the HTTP fault matrix of facts/reliability.md section 3.4. What it wants was observed first and then read line by
// line; TestFaultMatrix holds the code to it.
var matrix = []meets{
	on("connection refused", "refused",
		[5]string{"prepared", "unknown", "sent", "still new", "still new"}),
	on("connection reset before the first byte", "reset",
		[5]string{"prepared or unknown", "unknown", "sent", "still new", "still new"}),
	on("connection lost in the middle of the request", "cut request",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	on("connection lost in the middle of the answer's header", "cut answer",
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	on("idle connection closed by the server", "idle closed",
		[5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}),
	simply("connection lost before the body was read", simulator.FaultCutBeforeBody,
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	simply("connection lost after the body was read, nothing saved", simulator.FaultCut,
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	simply("saved, and the answer lost", simulator.FaultAnswerLost,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	outlasts("time-out before the header", simulator.FaultHang, 700*time.Millisecond,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	outlasts("header, then silence", simulator.FaultSilence, 700*time.Millisecond,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	{name: "slow header", fault: simulator.Fault{Kind: simulator.FaultSlowHeaders, Delay: 250 * time.Millisecond}, want: [5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}},
	outlasts("slow body, byte by byte", simulator.FaultSlowBody, 8*time.Millisecond,
		[5]string{"unknown", "accepted", "accepted", "acknowledged", "acknowledged"}),
	simply("answer shorter than its Content-Length", simulator.FaultLongLength,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	simply("answer truncated, framing right", simulator.FaultTruncated,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	simply("saved, and answered 500", simulator.FaultSavedError,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	{name: "answered 504, saved a minute later", fault: simulator.Fault{Kind: simulator.FaultLateAccept, Delay: time.Minute}, want: [5]string{"unknown", "unknown", "sent", "still new", "still new"}},
	answers("500", http.StatusInternalServerError, "", "",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("502", http.StatusBadGateway, "<html>502 Bad Gateway {key}</html>", "",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("503", http.StatusServiceUnavailable, "", "",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("503, Retry-After in ten years", http.StatusServiceUnavailable, "", "315360000",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("503, Retry-After unreadable", http.StatusServiceUnavailable, "", "soon",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("504", http.StatusGatewayTimeout, "", "",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("429, Retry-After in seconds", http.StatusTooManyRequests, "", "2",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("429, Retry-After as a date gone by", http.StatusTooManyRequests, "", "Wed, 21 Oct 2015 07:28:00 GMT",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("429 alone", http.StatusTooManyRequests, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("400", http.StatusBadRequest, `{"errors":{"model":["geçersiz: {key}"]}}`, "",
		[5]string{"refused, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("401", http.StatusUnauthorized, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("403", http.StatusForbidden, "Bu işlem için yetkiniz yok: {key}", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("404", http.StatusNotFound, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("405", http.StatusMethodNotAllowed, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("409", http.StatusConflict, "", "",
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("410", http.StatusGone, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("422, refused", http.StatusUnprocessableEntity, `{"uyarı":["Satır tutarı hatalı, {key}"]}`, "",
		[5]string{"refused, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("422, in words that nobody knows", http.StatusUnprocessableEntity, `{"x":["zaten kayıt mevcuttur efendim"]}`, "",
		[5]string{"refused, 2 sent again", "unknown", "sent", "still new", "still new"}),
	answers("451", http.StatusUnavailableForLegalReasons, "", "",
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	simply("200 with a login page", simulator.FaultHTMLPage,
		[5]string{"unknown, 2 sent again", "unknown", "sent", "still new", "still new"}),
	simply("200 with garbage", simulator.FaultGarbage,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	simply("200 with an empty body", simulator.FaultEmpty,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	simply("200 with another content type", simulator.FaultWrongType,
		[5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}),
	{name: "a byte order mark", fault: simulator.Fault{Kind: simulator.FaultBOM}, bends: true, want: [5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}},
	{name: "Turkish letters in ISO-8859-9", fault: simulator.Fault{Kind: simulator.FaultLatin5}, bends: true, want: [5]string{"sent", "accepted", "accepted", "acknowledged", "quarantined"}},
	{name: "gzip of 200 MB", fault: simulator.Fault{Kind: simulator.FaultGzipBomb, Size: 200 << 20}, want: [5]string{"unknown", "unknown", "sent", "still new", "still new"}},
	{name: "a body of 40 MB", fault: simulator.Fault{Kind: simulator.FaultHugeBody, Size: 40 << 20}, want: [5]string{"unknown", "unknown", "sent", "still new", "still new"}},
	simply("a header of 12 MB", simulator.FaultBigHeader,
		[5]string{"unknown", "unknown", "sent", "still new", "still new"}),
	simply("a hundred 1xx answers first", simulator.FaultFlood1xx,
		[5]string{"sent", "accepted", "accepted", "acknowledged", "acknowledged"}),
	simply("redirect (307)", simulator.FaultRedirect,
		[5]string{"prepared, 2 sent again", "unknown", "sent", "still new", "still new"}),
	simply("answered for another document", simulator.FaultOtherID,
		[5]string{"disputed", "unknown", "sent", "acknowledged", "acknowledged"}),
	simply("answered with another document's number", simulator.FaultTakenNumber,
		[5]string{"disputed", "unknown", "disputed", "acknowledged", "acknowledged"}),
	{name: "one answered with the number of the one before", fault: simulator.Fault{Kind: simulator.FaultTakenNumber, Skip: 1}, want: [5]string{"disputed and sent", "disputed and unknown", "accepted and disputed", "acknowledged", "acknowledged"}},
	simply("answered without a number", simulator.FaultNoNumber,
		[5]string{"unknown", "unknown", "sent", "acknowledged", "acknowledged"}),
	tlsOn("name not found", "no name", notReached),
	tlsOn("name server fails", "name server fails", notReached),
	tlsOn("name moved to another address", "moved", allWell),
	tlsOn("TLS handshake cut", "cut handshake", notReached),
	tlsOn("certificate expired", "expired", notReached),
	tlsOn("certificate of another name", "another's", notReached),
	tlsOn("certificate of an unknown authority", "unknown authority", notReached),
	tlsOn("TLS alert in the middle of the request", "spoil", brokenOff),
	tlsOn("TLS connection cut in the middle of the request", "cut request", cutOff),
	tlsOn("TLS connection cut in the middle of the answer", "cut answer", cutOff),
	proxyOn("proxy refuses CONNECT: 407", "407", notReached),
	proxyOn("proxy refuses CONNECT: 403", "403", notReached),
	proxyOn("proxy refuses CONNECT: 502", "502", notReached),
	proxyOn("proxy hangs up before it answers CONNECT", hangUp, notReached),
	proxyOn("proxy answers with a login page instead of a tunnel", "page", notReached),
	proxyOn("proxy cuts the tunnel in the middle of the request", "cut request", cutOff),
	proxyOn("proxy cuts the tunnel in the middle of the answer", "cut answer", cutOff),
}
