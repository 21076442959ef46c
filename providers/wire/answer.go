package wire

import (
	"bytes"
	"net/http"
	"unicode/utf8"

	"golang.org/x/text/encoding/charmap"
)

// Text is the body in UTF-8, without a byte order mark. What is no UTF-8 is read as Latin-5, as old gateways send it.
func (a Answer) Text() []byte {
	body := bytes.TrimPrefix(a.Body, []byte("\xEF\xBB\xBF"))
	if utf8.Valid(body) {
		return body
	}
	if decoded, err := charmap.ISO8859_9.NewDecoder().Bytes(body); err == nil {
		return decoded
	}
	return body
}

// Untaken reports whether a status says that no endpoint took the request: the address, the way or the form is wrong, nothing
// was done, and no document is to blame.
func Untaken(status int) bool {
	switch status {
	case http.StatusNotFound, http.StatusMethodNotAllowed, http.StatusNotAcceptable, http.StatusProxyAuthRequired, http.StatusGone,
		http.StatusLengthRequired, http.StatusRequestURITooLong, http.StatusUnsupportedMediaType, http.StatusRequestedRangeNotSatisfiable,
		http.StatusExpectationFailed, http.StatusUpgradeRequired, http.StatusRequestHeaderFieldsTooLarge, http.StatusUnavailableForLegalReasons:
		return true
	}
	return status >= 300 && status < 400
}
