package turkcellsim

import (
	"fmt"
	"strings"
	"sync"
	"time"

	"github.com/google/uuid"
)

// store is the provider's memory of outgoing documents. One lock makes the check and the insert one step.
type store struct {
	mu       sync.Mutex
	pace     Pace
	rules    Rules
	prefixes map[string]bool
	defaults map[string]string
	buyers   map[string]Buyer
	// mailboxes are the addresses that do not simply take mail.
	mailboxes map[string]Mailbox

	all       []*record
	byETTN    map[string]*record   // see ettnKey
	byRef     map[string][]*record // local reference -> documents
	byNumber  map[string]*record
	sequences map[string]int // prefix + year -> last number
	late      []lateSave
}

// lateSave is a create that was answered but is saved only later.
type lateSave struct {
	due time.Time
	in  intake
}

// intake is one create on its way into the memory.
type intake struct {
	c              *content
	kind           string
	ettn           uuid.UUID
	raw            []byte
	sha            string
	status         int
	reference      string
	checkReference bool
	prefix         string
	manualNumber   string // "" = the provider numbers
	alias, email   string
	sendMail       bool
	byModel        bool // an e-SMM of the JSON model
}

func (st *store) reset() {
	st.all, st.late = nil, nil
	st.byETTN, st.byRef = map[string]*record{}, map[string][]*record{}
	st.byNumber, st.sequences = map[string]*record{}, map[string]int{}
	st.mailboxes = map[string]Mailbox{}
}

func (st *store) ettnKey(kind string, id uuid.UUID) string {
	if st.rules.ETTNPerProduct {
		return kind + string(id[:])
	}
	return string(id[:])
}

// create checks what needs memory and saves. The first problem found is the answer.
func (st *store) create(in intake, now time.Time) (*record, problems) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.catchUp(now)
	if p := st.mayCreate(in); p != nil {
		return nil, p
	}
	return st.insert(in, now)
}

func (st *store) mayCreate(in intake) problems {
	p := problems{}
	if st.byETTN[st.ettnKey(in.kind, in.ettn)] != nil {
		p.add(warning, msgETTN, in.ettn)
		return p
	}
	if in.checkReference && in.reference != "" {
		for _, d := range st.byRef[in.reference] {
			if st.blocks(d, in.kind) {
				p.add(warning, msgReference, in.reference, d.ettn)
				return p
			}
		}
	}
	if in.manualNumber != "" && st.byNumber[in.manualNumber] != nil {
		p.add(warning, msgNumberUsed)
		return p
	}
	return nil
}

// blocks reports whether an earlier document keeps its local reference from being used again: one that failed or is only
// a draft does not.
func (st *store) blocks(d *record, kind string) bool {
	if st.rules.ReferencePerProduct && d.kind != kind {
		return false
	}
	switch d.status {
	case statusError:
		return false
	case statusDraft:
		return st.rules.DraftBlocksReference
	}
	return true
}

func (st *store) insert(in intake, now time.Time) (*record, problems) {
	d := &record{
		ettn: in.ettn, kind: in.kind, reference: in.reference, raw: in.raw, sha: in.sha, createdAt: now,
		alias: in.alias, email: in.email,
	}
	d.fill(in.c)
	d.prefix = in.prefix
	if d.prefix == "" {
		d.prefix = st.defaults[in.kind]
	}
	d.number = in.manualNumber
	if d.number == "" && (in.status != statusDraft || !st.rules.NumberWhenQueued) {
		if !st.number(d) {
			p := problems{}
			p.add(warning, msgNoNumber)
			return nil, p
		}
	}
	if in.sendMail {
		d.mails = st.newMails(d.ettn, in.email, now)
	}
	st.all = append(st.all, d)
	if key := st.ettnKey(d.kind, d.ettn); st.byETTN[key] == nil {
		st.byETTN[key] = d
	}
	if d.reference != "" {
		st.byRef[d.reference] = append(st.byRef[d.reference], d)
	}
	if d.number != "" {
		st.byNumber[d.number] = d
	}
	if in.status == statusQueued {
		d.queue(now)
		d.settle(now, st.pace, st.buyers[d.buyer])
	}
	return d, nil
}

// number gives the next number of the series and the issue date's year, without gaps.
func (st *store) number(d *record) bool {
	series := d.prefix + firstN(d.issueDate, 4)
	for {
		next := st.sequences[series] + 1
		if next > 999_999_999 {
			return false
		}
		st.sequences[series] = next
		number := fmt.Sprintf("%s%09d", series, next)
		if st.byNumber[number] == nil { // a number given by hand is passed over
			d.number = number
			st.byNumber[number] = d
			return true
		}
	}
}

// catchUp saves what was accepted late and is due. The lock is held.
func (st *store) catchUp(now time.Time) {
	if len(st.late) == 0 {
		return
	}
	var waiting []lateSave
	for _, l := range st.late {
		if l.due.After(now) {
			waiting = append(waiting, l)
			continue
		}
		if st.rules.RacyETTN || st.mayCreate(l.in) == nil {
			st.insert(l.in, l.due) // a series that is full drops it, as the real one would
		}
	}
	st.late = waiting
}

// kindInvoices stands for both sides of invoices.
const kindInvoices = "invoices"

// find returns a document of that kind; kind "" = any. The lock is held.
func (st *store) find(kind string, id uuid.UUID) *record {
	kinds := []string{kind}
	switch kind {
	case kindInvoices:
		kinds = []string{KindEFatura, KindEArsiv}
	case "":
		kinds = []string{KindEFatura, KindEArsiv, KindEMM, KindESMM}
	}
	for _, k := range kinds {
		if d := st.byETTN[st.ettnKey(k, id)]; d != nil && d.kind == k {
			return d
		}
	}
	return nil
}

// with calls f with a document in its present state, or returns false.
func (st *store) with(kind string, id uuid.UUID, now time.Time, f func(*record)) bool {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.catchUp(now)
	d := st.find(kind, id)
	if d == nil {
		return false
	}
	st.settle(d, now)
	f(d)
	return true
}

func (st *store) settle(d *record, now time.Time) { d.settle(now, st.pace, st.buyers[d.buyer]) }

// each calls f for every document in its present state, oldest first.
func (st *store) each(now time.Time, f func(*record)) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.catchUp(now)
	for _, d := range st.all {
		st.settle(d, now)
		f(d)
	}
}

func (st *store) delay(in intake, due time.Time) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.late = append(st.late, lateSave{due: due, in: in})
}

// judgePrefix checks a series; p gains what is wrong.
func (st *store) judgePrefix(prefix, key string, p problems) {
	switch {
	case prefix == "":
	case strings.ContainsAny(prefix, "çğıöşüÇĞİÖŞÜ"):
		p.add(key, msgPrefixTR)
	case len(prefix) != 3 || strings.Trim(prefix, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "":
		p.add(key, msgPrefix)
	case st.prefixes != nil && !st.prefixes[prefix]:
		p.add(key, msgPrefixNone, prefix)
	}
}
