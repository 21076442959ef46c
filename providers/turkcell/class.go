package turkcell

import (
	"net/http"

	"faturad/internal/fault"
)

// use is what a call is for; it decides what its answer's status means.
type use int

// The uses, as in the columns of facts/reliability.md section 3.4.
const (
	useCreate   use = iota // may create a document: nothing is certain but what is said clearly
	useChange              // changes a document that exists: update, release, cancel, acknowledge
	useLookup              // asks whether a document exists: only a recognised "no" is a no
	useStatus              // asks where a document stands
	useList                // pages of the inbox, the taxpayer list
	useDownload            // files
)

// classes says what each range of statuses means for each use, before the body is read; the body may turn Permanent into
// Duplicate (create), and NotFound needs a recognised body (see classify). Every status from 100 to 599 is covered; the
// whole table is printed in testdata/classes.golden.
//
// Column create: 3xx, 404, 405 and their like say that no endpoint took the request, so it was surely not done: the
// address is wrong, no document is. What nobody could explain stays Ambiguous.
var classes = []struct {
	from, to                                       int
	create, change, lookup, status, list, download fault.Class
}{
	{100, 199, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{200, 201, "", "", "", "", "", ""},
	{202, 202, fault.Ambiguous, "", fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{203, 203, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable}, // rewritten on the way
	{204, 204, fault.Ambiguous, "", fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{205, 299, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{300, 399, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{400, 400, fault.Permanent, fault.Permanent, fault.Retryable, fault.Retryable, fault.Permanent, fault.Permanent},
	{401, 401, fault.Auth, fault.Auth, fault.Auth, fault.Auth, fault.Auth, fault.Auth},
	{402, 403, fault.Auth, fault.Auth, fault.Auth, fault.Auth, fault.Auth, fault.Auth},
	{404, 404, fault.Retryable, fault.NotFound, fault.NotFound, fault.NotFound, fault.Retryable, fault.NotFound},
	{405, 406, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{407, 407, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{408, 408, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{409, 409, fault.Duplicate, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{410, 412, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{413, 413, fault.Permanent, fault.Permanent, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{414, 417, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{418, 421, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{422, 422, fault.Permanent, fault.Permanent, fault.Retryable, fault.Retryable, fault.Permanent, fault.Permanent},
	{423, 425, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{426, 426, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{427, 428, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{429, 429, fault.Throttled, fault.Throttled, fault.Throttled, fault.Throttled, fault.Throttled, fault.Throttled},
	{430, 430, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{431, 431, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{432, 450, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{451, 451, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
	{452, 599, fault.Ambiguous, fault.Ambiguous, fault.Retryable, fault.Retryable, fault.Retryable, fault.Retryable},
}

// classOf reads the table; "" means the answer is good if its body is. A status that HTTP does not know is no answer.
func classOf(u use, status int) fault.Class {
	for _, row := range classes {
		if status < row.from || status > row.to {
			continue
		}
		return [...]fault.Class{row.create, row.change, row.lookup, row.status, row.list, row.download}[u]
	}
	return unreadable(u)
}

// unreadable is the class of an answer that cannot be understood, or broke off after the request had left.
func unreadable(u use) fault.Class {
	if u == useCreate || u == useChange {
		return fault.Ambiguous
	}
	return fault.Retryable
}

// classify refines the table by what the body says. It never makes a refusal out of an answer that may hide a document:
// words alone only turn "refused" into "exists already" (the caller looks up) and confirm a 404.
func classify(u use, status int, p problem, ettn string, notFound []string) fault.Class {
	class := classOf(u, status)
	switch {
	case class == fault.NotFound && !p.saysNotFound(notFound):
		if u == useChange {
			return fault.Retryable // no endpoint took it
		}
		return unreadable(u)
	case class == fault.Permanent && p.html:
		return unreadable(u) // a page of something that stands between us and the provider
	case class == fault.Permanent && u == useCreate && status != http.StatusRequestEntityTooLarge && p.duplicate(ettn) != "":
		return fault.Duplicate
	}
	return class
}
