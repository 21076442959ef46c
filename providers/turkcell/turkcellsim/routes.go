package turkcellsim

import (
	"net/http"
	"strings"

	"github.com/google/uuid"
)

// route is one endpoint: its family and what answers it.
type route struct {
	family Family
	kind   string // the side it belongs to, where that matters
	handle func(*call) reply
}

// table lists the endpoints (facts section 2). Paths are lower case; {id} stands for a GUID, {std} for true or false.
func (s *Simulator) table() map[string]route {
	t := map[string]route{
		"POST v1/token":                                   {FamilyToken, "", s.logIn},
		"PUT v1/outboxinvoice/updatestatuslist":           {FamilyUpdate, kindInvoices, s.updateStatusList},
		"GET v1/outboxinvoice/invoicereason/{id}":         {FamilyStatus, KindEFatura, s.reason},
		"GET v1/earchive/getmaildetail":                   {FamilyStatus, KindEArsiv, s.mailDetail},
		"GET v1/earchive/retryinvoicemail/{id}":           {FamilyUpdate, KindEArsiv, s.retryMail},
		"POST v1/earchive/retryinvoicemail":               {FamilyUpdate, KindEArsiv, s.resendMail},
		"PUT v1/earchive/cancelinvoice":                   {FamilyUpdate, KindEArsiv, s.cancel},
		"GET v1/inboxinvoice/list":                        {FamilyList, "", s.inboxList},
		"PUT v1/inboxinvoice/updateisnew":                 {FamilyAck, "", s.updateIsNew},
		"GET v2/inboxinvoice/{id}/status":                 {FamilyStatus, "", s.inboxStatus},
		"GET v2/inboxinvoice/{id}/ubl":                    {FamilyDownload, "", s.inboxUBL},
		"GET v2/inboxinvoice/{id}/html/{std}":             {FamilyDownload, "", s.inboxHTML},
		"GET v2/inboxinvoice/{id}/pdf/{std}":              {FamilyDownload, "", s.inboxPDF},
		"GET v2/inboxinvoice/{id}/zip/{std}":              {FamilyDownload, "", s.inboxZIP},
		"GET v1/invoiceresponse/getbyinvoiceid/{id}":      {FamilyStatus, "", s.answerGet},
		"POST v1/invoiceresponse":                         {FamilyUpdate, "", s.answerPost},
		"PUT v1/invoiceresponse/retryinvoiceresponselist": {FamilyUpdate, "", s.answerRetry},
		"GET v2/gibuser/recipient/zip":                    {FamilyTaxpayers, "", s.taxpayerZip},
		"POST v1/outboxinvoice/create":                    {FamilyCreate, KindEFatura, s.createJSON},
		"POST v2/earchive/create":                         {FamilyCreate, KindEArsiv, s.createJSON},
		"PUT v1/outboxinvoice/update/{id}":                {FamilyUpdate, KindEFatura, s.updateJSON},
		"PUT v2/earchive/update/{id}":                     {FamilyUpdate, KindEArsiv, s.updateJSON},
	}
	for path, kind := range map[string]string{"v2/outboxinvoice": KindEFatura, "v2/earchive": KindEArsiv} {
		t["POST "+path] = route{FamilyCreate, kind, s.createUBL}
		t["PUT "+path+"/{id}"] = route{FamilyUpdate, kind, s.updateUBL}
		t["GET "+path+"/withnulllocalreferences"] = route{FamilyList, kind, s.withoutReference}
		s.documentRoutes(t, path, kind)
	}
	s.receiptRoutes(t)
	for name, list := range s.staticLists() {
		t["GET v1/staticlist/"+name] = route{FamilyCodes, "", func(*call) reply { return rawJSON(list()) }}
	}
	return t
}

// documentRoutes adds the questions about one document, which all sides have.
func (s *Simulator) documentRoutes(t map[string]route, path, kind string) {
	t["GET "+path+"/{id}/status"] = route{FamilyStatus, kind, s.status}
	t["GET "+path+"/{id}/ubl"] = route{FamilyDownload, kind, s.downloadUBL}
	t["GET "+path+"/{id}/html/{std}"] = route{FamilyDownload, kind, s.downloadHTML}
	t["GET "+path+"/{id}/pdf/{std}"] = route{FamilyDownload, kind, s.downloadPDF}
}

// match finds the endpoint of a request: case-insensitive, with doubled slashes forgiven (facts 8.2).
func (s *Simulator) match(r *http.Request, c *call) (route, int) {
	segments := make([]string, 0, 6)
	for seg := range strings.SplitSeq(strings.ToLower(r.URL.Path), "/") {
		switch {
		case seg == "":
			continue
		case seg == "true" || seg == "false":
			seg = "{std}"
		case len(seg) == 36 && seg[8] == '-':
			if id, err := uuid.Parse(seg); err == nil {
				c.id, seg = id, "{id}"
			}
		}
		segments = append(segments, seg)
	}
	path := strings.Join(segments, "/")
	if found, ok := s.routes[r.Method+" "+path]; ok {
		return found, http.StatusOK
	}
	for _, method := range []string{http.MethodGet, http.MethodPost, http.MethodPut} {
		if _, ok := s.routes[method+" "+path]; ok {
			return route{}, http.StatusMethodNotAllowed
		}
	}
	for i := range segments {
		c.badID = segments[i]
		segments[i] = "{id}"
		if found, ok := s.routes[r.Method+" "+strings.Join(segments, "/")]; ok {
			return found, http.StatusBadRequest
		}
		segments[i] = c.badID
	}
	return route{}, http.StatusNotFound
}
