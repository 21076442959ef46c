package web

import (
	"bytes"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/schedule"
	"faturad/sync/ledger"
)

//go:embed templates/*.html style.css
var files embed.FS

// handler is the map of the site.
func (s *Server) handler() http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /healthz", func(w http.ResponseWriter, _ *http.Request) { verdict(w, s.options.Jobs.Healthy()) })
	mux.HandleFunc("GET /readyz", func(w http.ResponseWriter, _ *http.Request) { verdict(w, s.options.Jobs.Ready()) })
	mux.HandleFunc("GET /style.css", s.style)
	mux.HandleFunc("GET /login", s.loginPage)
	mux.HandleFunc("POST /login", s.login)
	mux.Handle("POST /logout", s.private(s.logout))
	mux.Handle("GET /{$}", s.private(s.overview))
	mux.Handle("GET /documents", s.private(s.documents))
	mux.Handle("GET /document", s.private(s.document))
	mux.Handle("GET /inbox", s.private(s.inbox))
	mux.Handle("POST /run", s.private(s.trigger))
	if s.options.Metrics != nil {
		mux.Handle("GET /metrics", s.private(s.options.Metrics.ServeHTTP))
	}
	return s.secured(mux)
}

func verdict(w http.ResponseWriter, ok bool) {
	if !ok {
		http.Error(w, "not ready", http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	if _, err := w.Write([]byte("ok\n")); err != nil {
		return // the asker is gone; nobody is left to tell
	}
}

// templates are parsed once; a mistake in them is found by every test of a page.
var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"needs": func(s ledger.State) bool { return slices.Contains(needsPerson, s) },
	"bad":   func(s ledger.ReceivedState) bool { return s == ledger.ReceivedQuarantined },
}).ParseFS(files, "templates/*.html"))

// needsPerson are the states that wait for somebody.
var needsPerson = []ledger.State{ledger.Held, ledger.Refused, ledger.Disputed, ledger.Failed}

// page is what every template gets; its methods are the words and figures of the page's language.
type page struct {
	Language, Version string
	Companies         []string
	Refresh           bool // the page shall load itself again soon: something is running
	Data              any
}

// render writes one page; it is built whole before the first byte leaves, so that an error is no half page.
func (s *Server) render(w http.ResponseWriter, status int, name string, data any) {
	p := page{Language: s.options.Language, Version: s.options.Version, Companies: s.options.Companies, Data: data}
	if o, ok := data.(overviewData); ok {
		p.Refresh = o.Busy
	}
	var b bytes.Buffer
	if err := templates.ExecuteTemplate(&b, name, p); err != nil {
		s.options.Log.Error("the admin page could not be made", "page", name, "err", err)
		http.Error(w, "the page could not be made; the log says why", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	if _, err := b.WriteTo(w); err != nil {
		s.options.Log.Debug("a visitor left before the page was written", "err", err)
	}
}

// problemData is a page that says what is wrong.
type problemData struct{ TR, EN string }

// failed answers when the ledger does not. What it said goes into the log only.
func (s *Server) failed(w http.ResponseWriter, err error) {
	s.options.Log.Error("the admin page could not read the ledger", "err", err)
	s.render(w, http.StatusBadGateway, "problem.html", problemData{
		"Kayıt veritabanı yanıt vermiyor; nedeni günlükte (journalctl -u faturad).",
		"The ledger does not answer; the log says why (journalctl -u faturad).",
	})
}

func (s *Server) style(w http.ResponseWriter, r *http.Request) {
	http.ServeFileFS(w, r, files, "style.css")
}

// overviewData is the first page: sums by state, and the jobs.
type overviewData struct {
	Companies []companySums
	Jobs      []jobStatus
	Ready     bool
	Busy      bool      // a job runs, or was started just now
	Started   jobStatus // the job that the visitor started; empty = none
}

// companySums is what stands where in one company.
type companySums struct {
	Name   string
	Alarms []ledger.Alarm
	States []stateSums
	Needs  int      // documents that wait for a person
	Jobs   []string // jobs that can be started
}

// stateSums is one state with its sums, one for each currency.
type stateSums struct {
	State ledger.State
	Count int
	Sums  []ledger.StateSum
}

// jobStatus is a job of a company.
type jobStatus struct {
	schedule.Status
	Job, Company string
	Trouble      string // what went wrong in its last run, for people; LastError has the technical words
}

func (s *Server) jobs() []jobStatus {
	var out []jobStatus
	for _, status := range s.options.Jobs.Jobs() {
		job, company, _ := strings.Cut(status.Name, "/")
		row := jobStatus{Status: status, Job: job, Company: company}
		if status.LastError != nil {
			row.Trouble = s.options.Jobs.Told(status.LastError)
		}
		out = append(out, row)
	}
	return out
}

func (s *Server) overview(w http.ResponseWriter, r *http.Request) {
	data := overviewData{Jobs: s.jobs(), Ready: s.options.Jobs.Ready()}
	started := r.URL.Query().Get("started")
	for _, job := range data.Jobs {
		data.Busy = data.Busy || job.Running
		if job.Name == started {
			data.Started, data.Busy = job, true
		}
	}
	for _, name := range s.options.Companies {
		sums, err := s.options.Ledger.Sums(r.Context(), name)
		if err != nil {
			s.failed(w, err)
			return
		}
		company := group(name, sums, data.Jobs)
		if company.Alarms, err = s.options.Ledger.Alarms(r.Context(), name); err != nil {
			s.failed(w, err)
			return
		}
		data.Companies = append(data.Companies, company)
	}
	s.render(w, http.StatusOK, "overview.html", data)
}

// group gathers the currencies of each state, in the order of a document's life.
func group(company string, sums []ledger.StateSum, jobs []jobStatus) companySums {
	out := companySums{Name: company}
	for _, rule := range ledger.Table {
		row := stateSums{State: rule.State}
		for _, sum := range sums {
			if sum.State != rule.State {
				continue
			}
			row.Count += sum.Count
			if sum.Currency != "" { // not mapped yet: there is no amount
				row.Sums = append(row.Sums, sum)
			}
		}
		if row.Count == 0 {
			continue
		}
		out.States = append(out.States, row)
		if slices.Contains(needsPerson, rule.State) {
			out.Needs += row.Count
		}
	}
	for _, job := range jobs {
		if job.Company == company {
			out.Jobs = append(out.Jobs, job.Job)
		}
	}
	return out
}

// pageRows is how many rows a list shows.
const pageRows = 200

// list is what the filters of both lists share.
type list struct {
	Company, Search, State string
	Next                   string // address of older rows; empty = there are none
}

func filterOf(r *http.Request) (l list, after int64) {
	q := r.URL.Query()
	after, err := strconv.ParseInt(q.Get("after"), 10, 64)
	if err != nil || after < 0 {
		after = 0
	}
	return list{Company: q.Get("company"), Search: q.Get("search"), State: q.Get("state")}, after
}

// older is the address of the rows after the last one shown, when the page is full.
func older(r *http.Request, rows int, last int64) string {
	if rows < pageRows {
		return ""
	}
	q := r.URL.Query()
	q.Set("after", strconv.FormatInt(last, 10))
	return (&url.URL{Path: r.URL.Path, RawQuery: q.Encode()}).String()
}

// personFilter selects every state that waits for a person.
const personFilter = "person"

// documentsData is the list of documents with its filter.
type documentsData struct {
	list
	Changed   bool
	States    []ledger.Rule
	Documents []ledger.Document
}

func (s *Server) documents(w http.ResponseWriter, r *http.Request) {
	shared, after := filterOf(r)
	data := documentsData{list: shared, Changed: r.URL.Query().Get("changed") != "", States: ledger.Table}
	filter := ledger.Filter{Company: data.Company, Search: data.Search, Changed: data.Changed, Newest: true, AfterID: after, Limit: pageRows}
	if rule, known := ledger.RuleOf(ledger.State(data.State)); known {
		filter.States = []ledger.State{rule.State}
	} else if data.State == personFilter {
		filter.States = needsPerson
	}
	var err error
	if data.Documents, err = s.options.Ledger.Documents(r.Context(), filter); err != nil {
		s.failed(w, err)
		return
	}
	s.tell(data.Documents)
	if n := len(data.Documents); n > 0 {
		data.Next = older(r, n, data.Documents[n-1].ID)
	}
	s.render(w, http.StatusOK, "documents.html", data)
}

// tell puts what people must know of each document's dates today behind its message.
func (s *Server) tell(docs []ledger.Document) {
	today := invoice.DateOf(s.options.Clock.Now().In(clock.Istanbul))
	for i := range docs {
		docs[i].Message, docs[i].Advice = docs[i].Told(today, s.options.Language)
	}
}

// documentData is one document with its history.
type documentData struct {
	Document ledger.Document
	Events   []ledger.Event
	Audit    []ledger.Audit
}

func (s *Server) document(w http.ResponseWriter, r *http.Request) {
	docs, err := s.options.Ledger.Find(r.Context(), r.URL.Query().Get("company"), r.URL.Query().Get("ref"))
	if err != nil {
		s.failed(w, err)
		return
	}
	if len(docs) == 0 {
		s.render(w, http.StatusNotFound, "problem.html", problemData{"Böyle bir belge yok.", "There is no such document."})
		return
	}
	s.tell(docs)
	var data []documentData
	for _, d := range docs {
		events, err := s.options.Ledger.History(r.Context(), d.ID)
		if err != nil {
			s.failed(w, err)
			return
		}
		audit, err := s.options.Ledger.AuditTrail(r.Context(), d.ID)
		if err != nil {
			s.failed(w, err)
			return
		}
		data = append(data, documentData{d, events, audit})
	}
	s.render(w, http.StatusOK, "document.html", data)
}

// inboxData is the list of received invoices with its filter.
type inboxData struct {
	list
	States   []ledger.ReceivedState
	Received []ledger.Received
}

func (s *Server) inbox(w http.ResponseWriter, r *http.Request) {
	shared, after := filterOf(r)
	data := inboxData{list: shared, States: []ledger.ReceivedState{ledger.ReceivedStored, ledger.ReceivedProjected, ledger.ReceivedAcknowledged, ledger.ReceivedQuarantined}}
	filter := ledger.ReceivedFilter{Company: data.Company, Search: data.Search, Newest: true, AfterID: after, Limit: pageRows}
	if state := ledger.ReceivedState(data.State); slices.Contains(data.States, state) {
		filter.States = []ledger.ReceivedState{state}
	}
	var err error
	if data.Received, err = s.options.Ledger.ListReceived(r.Context(), filter); err != nil {
		s.failed(w, err)
		return
	}
	if n := len(data.Received); n > 0 {
		data.Next = older(r, n, data.Received[n-1].ID)
	}
	s.render(w, http.StatusOK, "inbox.html", data)
}

// trigger runs a job soon.
func (s *Server) trigger(w http.ResponseWriter, r *http.Request) {
	if !readForm(w, r) {
		return
	}
	job, company := r.PostForm.Get("job"), r.PostForm.Get("company")
	if err := s.options.Jobs.Trigger(job, company); err != nil {
		s.options.Log.Warn("a pass could not be started from the admin page", "err", err)
		s.render(w, http.StatusBadRequest, "problem.html", problemData{"Böyle bir görev yok.", "There is no such job."})
		return
	}
	s.options.Log.Info("a pass was started from the admin page", "job", job, "company", company)
	http.Redirect(w, r, "/?started="+url.QueryEscape(job+"/"+company), http.StatusSeeOther)
}
