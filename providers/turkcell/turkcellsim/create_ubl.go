package turkcellsim

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/google/uuid"
)

// form is a multipart UBL create or update (facts 2.1 nr 4, 2.3 nr 21); names are compared without case.
type form struct {
	file   []byte
	has    bool
	values map[string]string
}

func (f form) is(name string) bool { return strings.EqualFold(f.values[name], "true") }

func readForm(r *http.Request) (form, error) {
	f := form{values: map[string]string{}}
	parts, err := r.MultipartReader()
	if err != nil {
		return f, fmt.Errorf("multipart/form-data bekleniyor: %w", err)
	}
	left := int64(maxBody)
	for {
		part, err := parts.NextPart()
		if errors.Is(err, io.EOF) {
			return f, nil
		}
		if err != nil {
			return f, fmt.Errorf("multipart gövdesi okunamadı: %w", err)
		}
		name := strings.ToLower(part.FormName())
		hint := int64(64)
		if name == "invoicefile" {
			hint = r.ContentLength
		}
		b, err := readAll(io.LimitReader(part, left), hint)
		if err != nil {
			return f, fmt.Errorf("multipart gövdesi okunamadı: %w", err)
		}
		left -= int64(len(b))
		if name == "invoicefile" {
			f.file, f.has = b, true
		} else {
			f.values[name] = strings.TrimSpace(string(b))
		}
	}
}

// readAll is io.ReadAll with a guess of the size, which saves most of its copying.
func readAll(r io.Reader, hint int64) ([]byte, error) {
	b := bytes.NewBuffer(make([]byte, 0, min(max(hint, 0), 1<<20)+bytes.MinRead))
	_, err := b.ReadFrom(r)
	return b.Bytes(), err
}

func (s *Simulator) createUBL(c *call) reply {
	in, stop := s.readUBLCall(c)
	if stop != nil {
		return *stop
	}
	return s.accept(c, in)
}

// readUBLCall reads and judges the request; stop is the answer when it ends here.
func (s *Simulator) readUBLCall(c *call) (in intake, stop *reply) {
	end := func(r reply) (intake, *reply) { return intake{}, &r }
	f, stop := c.readFile()
	if stop != nil {
		return intake{}, stop
	}
	in = s.intakeOf(c, f.file)
	in.reference, in.prefix = f.values["localreferenceid"], f.values["prefix"]
	c.entry.LocalReference = in.reference
	content, err := readUBL(f.file)
	if err != nil {
		return end(refusal(warning, "%s", err))
	}
	if content.creditNote != isReceipt(in.kind) {
		return end(refusal(warning, msgOtherRoot))
	}
	in.c = content
	in.ettn, _ = content.ettn()
	c.entry.ETTN = in.ettn.String()
	if s.strikeLate(c, in); c.fault != nil && !c.fault.saves() {
		return end(reply{})
	}
	p := problems{}
	s.judgeForm(f, &in, p)
	s.judge(c, in, p)
	s.judgeWorld(&in, f.is("usefirstalias"), f.is("allowoldearsivcustomer"), p)
	if len(p) > 0 {
		return end(refused(p))
	}
	return in, nil
}

// readFile reads what the request carries, in the form that its side wants.
func (c *call) readFile() (form, *reply) {
	if isReceipt(c.route.kind) {
		return c.readReceipt(c.route.kind)
	}
	f, err := readForm(c.r)
	switch {
	case err != nil:
		r := bad(warning, "%s", err)
		return f, &r
	case !f.has || len(f.file) == 0:
		r := refusal("invoiceFile", msgNoFile)
		return f, &r
	}
	return f, nil
}

// judge reads a document by the rules of its kind; p gains what is wrong.
func (s *Simulator) judge(c *call, in intake, p problems) {
	j := judge{c: in.c, kind: in.kind, rules: s.o.Rules, now: c.now, found: p, voucherType: orElse(s.o.VoucherType, "SERBESTMESLEKMAKBUZU")}
	j.content()
}

func (s *Simulator) intakeOf(c *call, received []byte) intake {
	sum := sha256.Sum256(received)
	in := intake{kind: c.route.kind, raw: received, sha: hex.EncodeToString(sum[:])}
	c.entry.SHA256 = in.sha
	return in
}

// judgeForm checks the fields beside the file.
func (s *Simulator) judgeForm(f form, in *intake, p problems) {
	switch v := f.values["status"]; v {
	case "", "0":
		in.status = statusDraft
	case "20":
		in.status = statusQueued
	default:
		p.add("status", msgNotWritable)
	}
	if v := f.values["apptype"]; v != "" && v != "1" && in.kind == KindEFatura || v != "" && v != "2" && in.kind == KindEArsiv {
		p.add(warning, msgAppType)
	}
	in.checkReference = f.is("checklocalreferenceid")
	in.alias = f.values["targetalias"]
	s.documents.judgePrefix(in.prefix, warning, p)
	if len(in.reference) > 0 && len([]rune(in.reference)) > 150 {
		p.add("localReferenceId", msgLongText, "localReferenceId", 150)
	}
	if f.is("usemanualinvoiceid") {
		in.manualNumber = in.c.id
		judgeNumber(in.c.id, in.c.issueDate, warning, p)
	}
	in.email, in.sendMail = f.values["emailaddress"], f.is("sendemail")
	if in.sendMail {
		judgeMails(in.email, "eMailAddress", p)
	}
}

// judgeNumber checks a number given by hand.
func judgeNumber(number, issueDate, key string, p problems) {
	switch {
	case len(number) != 16:
		p.add(key, msgNumberLength, number)
	case strings.Trim(number[:3], "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789") != "" || strings.Trim(number[3:], "0123456789") != "":
		p.add(key, msgNumberShape)
	case number[3:7] != firstN(issueDate, 4):
		p.add(key, msgNumberYear)
	}
}

func judgeMails(list, key string, p problems) {
	if strings.TrimSpace(list) == "" {
		p.add(key, msgMailRequired)
		return
	}
	for m := range strings.SplitSeq(list, ";") {
		user, host, ok := strings.Cut(strings.TrimSpace(m), "@")
		if !ok || user == "" || !strings.Contains(host, ".") {
			p.add(key, msgMail)
			return
		}
	}
}

// judgeWorld checks the parties against the registry and the account.
func (s *Simulator) judgeWorld(in *intake, firstAlias, allowOld bool, p problems) {
	c := in.c
	key := func(path string) string {
		if c.asJSON {
			return path
		}
		return warning
	}
	if s.o.SellerTaxNo != "" && !c.asJSON && c.supplier.taxNo != s.o.SellerTaxNo {
		p.add(warning, msgSeller, c.supplier.taxNo)
	}
	buyer := c.customer.taxNo
	if s.buyer(buyer) == BuyerRefused {
		p.add(warning, msgRefused)
	}
	if isReceipt(in.kind) {
		return // farmers and clients are in no list
	}
	boxes := s.registry.mailboxes(buyer)
	if in.kind == KindEArsiv {
		if len(boxes) > 0 && !allowOld {
			p.add(key("model.AddressBook.IdentificationNumber"), msgUser, buyer)
		}
		return
	}
	switch {
	case len(boxes) == 0:
		p.add(key("model.AddressBook.IdentificationNumber"), msgNotUser)
	case in.alias != "":
		if !contains(boxes, in.alias) {
			p.add(key("model.AddressBook.Alias"), msgAlias, in.alias)
		}
	case len(boxes) > 1 && !firstAlias:
		p.add(key("model.AddressBook.Alias"), msgAliases)
	default:
		in.alias = boxes[0]
	}
}

func contains(list []string, s string) bool {
	for _, x := range list {
		if strings.EqualFold(x, s) {
			return true
		}
	}
	return false
}

// accept saves a judged create, at once or, under a late-accept fault, later.
func (s *Simulator) accept(c *call, in intake) reply {
	if c.fault != nil && c.fault.Kind == FaultLateAccept {
		s.documents.delay(in, c.now.Add(c.fault.Delay))
		return s.created(in.ettn, numberField(in.kind, in.byModel), "")
	}
	d, p := s.documents.create(in, s.Now())
	if p != nil {
		return refused(p)
	}
	return s.created(d.ettn, numberField(d.kind, in.byModel), d.number)
}

func (s *Simulator) updateUBL(c *call) reply {
	in, stop := s.readUBLCall(c)
	if stop != nil {
		return *stop
	}
	if in.ettn != c.id {
		return refusal(warning, msgUUIDDiffers)
	}
	return s.update(c, in)
}

// update replaces the content of a draft or failed document; its number and prefix stay.
func (s *Simulator) update(c *call, in intake) reply {
	var out reply
	known := s.documents.with(c.route.kind, c.id, c.now, func(d *record) {
		switch {
		case d.status == statusDraft:
		case d.status != statusError:
			out = refusal(warning, msgNotEditable)
			return
		case isReceipt(d.kind) && !s.o.Rules.FailedReceiptsOpen: // guide, E-MM and E-SMM, "Update Status List"
			out = refusal(warning, msgNotDraft)
			return
		}
		d.fill(in.c)
		d.raw, d.sha, d.alias, d.updates = in.raw, in.sha, in.alias, d.updates+1
		s.documents.requeue(d, in.status, c.now)
		out = s.created(d.ettn, numberField(d.kind, false), d.number)
	})
	if !known {
		return s.missing(c.route.kind)
	}
	return out
}

// requeue puts a draft or failed document where the caller wants it. The lock is held.
func (st *store) requeue(d *record, status int, now time.Time) {
	if status == statusQueued {
		if d.number == "" && !st.number(d) {
			return
		}
		d.queue(now)
		st.settle(d, now)
		return
	}
	d.status, d.message, d.code, d.envelope, d.pinned = statusDraft, "", 0, uuid.Nil, false
}
