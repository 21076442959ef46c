package turkcell

import (
	"context"
	"encoding/json"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
	"faturad/providers"
)

const answerPath = "/v1/invoiceresponse"

// What an answer says (facts 4.5).
const (
	answerAccept = 1
	answerReject = 2
)

// answerStates reads the status of an incoming invoice as the state of its answer (facts 4.1).
var answerStates = map[int]providers.AnswerState{
	60: providers.AnswerAccepted, 61: providers.AnswerWorking, 62: providers.AnswerFailed, 65: providers.AnswerLapsed,
	70: providers.AnswerOpen,
	80: providers.AnswerRejected, 81: providers.AnswerWorking, 82: providers.AnswerFailed,
	90: providers.AnswerRejected, 91: providers.AnswerWorking, 92: providers.AnswerFailed,
	99: providers.AnswerCancelled,
}

// Answer accepts or rejects an incoming commercial invoice (facts 2.4, row 33).
func (p *Provider) Answer(ctx context.Context, a providers.Answer) error {
	status := answerAccept
	if !a.Accept {
		status = answerReject
	}
	body, err := json.Marshal(map[string]any{"invoiceId": a.ETTN, "status": status, "reason": a.Reason})
	if err != nil {
		return fault.New(fault.Permanent, "writing the answer to an incoming invoice", err)
	}
	return p.respond(ctx, "answering an incoming invoice at turkcell", http.MethodPost, answerPath, body, a.ETTN)
}

// RetryAnswer sends a failed answer again. The guide asks for {"Ids":[...]}, the vendor's own programs send a bare list
// (facts 2.4, row 34); the bare list is what is known to work.
func (p *Provider) RetryAnswer(ctx context.Context, ettn uuid.UUID) error {
	body, err := json.Marshal([]uuid.UUID{ettn})
	if err != nil {
		return fault.New(fault.Permanent, "writing the list of answers", err)
	}
	return p.respond(ctx, "sending a failed answer again at turkcell", http.MethodPut, answerPath+"/retryinvoiceresponselist", body, ettn)
}

// respond makes one writing call whose answer's body says nothing.
func (p *Provider) respond(ctx context.Context, doing, method, path string, body []byte, ettn uuid.UUID) error {
	r := request{doing: doing, use: useChange, product: productInbox, method: method, path: path,
		contentType: typeJSON, accept: "application/json", body: body}
	a, err := p.client.once(ctx, r)
	if err != nil {
		return err
	}
	if classOf(r.use, a.status) != "" {
		return p.client.refused(r, a, ettn.String())
	}
	if parseProblem(a.header.Get("Content-Type"), a.body).html {
		return p.client.unread(r, a, "the answer is a web page")
	}
	return nil
}

// AnswerStatus reads the status of the incoming invoice, which holds before and after the answer, and the reason where
// there is an answer. A reason that cannot be read is left out: the state is what counts.
func (p *Provider) AnswerStatus(ctx context.Context, ettn uuid.UUID) (providers.AnswerStatus, error) {
	r := request{doing: "asking turkcell for the answer to an incoming invoice", use: useStatus, product: productInbox,
		method: http.MethodGet, path: inboxPath + ettn.String() + "/status", accept: "application/json"}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return providers.AnswerStatus{}, err
	}
	if classOf(r.use, a.status) != "" {
		return providers.AnswerStatus{}, p.client.refused(r, a, ettn.String())
	}
	var said statusAnswer
	if err := decode(a, &said); err != nil {
		return providers.AnswerStatus{}, p.client.unread(r, a, "the answer is no status: %w", err)
	}
	if !said.Status.given || said.ID.UUID != ettn {
		return providers.AnswerStatus{}, p.client.unread(r, a, "the answer is no status of that invoice")
	}
	state, known := answerStates[said.Status.value]
	if !known {
		return providers.AnswerStatus{}, p.client.unread(r, a, "nobody described status %d of an incoming invoice", said.Status.value)
	}
	out := providers.AnswerStatus{ETTN: ettn, State: state, Code: said.Status.value, Raw: p.client.redact.Answer(a.body)}
	if state != providers.AnswerOpen && state != providers.AnswerLapsed {
		reason, err := p.answerReason(ctx, ettn)
		if err != nil && !errors.Is(err, fault.NotFound) { // a Temel invoice has no answer
			p.log.InfoContext(ctx, "the reason of an answer cannot be read", "ettn", ettn, "err", err)
		}
		out.Reason = reason
	}
	return out, nil
}

// answerReason reads the reason that was given with our answer (facts 2.4, row 32).
func (p *Provider) answerReason(ctx context.Context, ettn uuid.UUID) (string, error) {
	r := request{doing: "reading the answer to an incoming invoice at turkcell", use: useStatus, product: productInbox,
		method: http.MethodGet, path: answerPath + "/getbyinvoiceid/" + ettn.String(), accept: "application/json"}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return "", err
	}
	if classOf(r.use, a.status) != "" {
		return "", p.client.refused(r, a, ettn.String())
	}
	var said struct {
		InvoiceID id     `json:"invoiceId"`
		Reason    string `json:"reason"`
	}
	if err := decode(a, &said); err != nil || said.InvoiceID.UUID != ettn {
		return "", p.client.unread(r, a, "the answer is not about that invoice")
	}
	return strings.TrimSpace(said.Reason), nil
}

// BuyerAnswer reads invoicereason: the buyer's words, or customs' references of an export. What its body looks like is not
// established (facts 2.1, row 7): a JSON string, an object of texts and plain text are all taken.
func (p *Provider) BuyerAnswer(ctx context.Context, want providers.Identity) (string, error) {
	if want.Kind != "" && want.Kind != invoice.EFatura {
		return "", nil // nobody but an e-Fatura's buyer answers
	}
	r := request{doing: "reading the buyer's answer at turkcell", use: useStatus, product: productOf(invoice.EFatura),
		method: http.MethodGet, path: "/v1/outboxinvoice/invoicereason/" + want.ETTN.String(), accept: "application/json"}
	a, err := p.client.read(ctx, r)
	if err != nil {
		return "", err
	}
	if classOf(r.use, a.status) != "" {
		return "", p.client.refused(r, a, want.ETTN.String())
	}
	words, err := reasonWords(a.body)
	if err != nil || parseProblem(a.header.Get("Content-Type"), a.body).html {
		return "", p.client.unread(r, a, "the answer is no reason")
	}
	return p.client.redact.Text(words), nil
}

// mostReason bounds what is kept of a buyer's words, in bytes.
const mostReason = 2000

// reasonWords finds the words in whatever form they come.
func reasonWords(body []byte) (string, error) {
	text := strings.TrimSpace(string(body))
	if text == "" || text == "null" {
		return "", nil
	}
	var value any
	if err := json.Unmarshal([]byte(text), &value); err != nil {
		if strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") || strings.HasPrefix(text, "<") {
			return "", err
		}
		value = text // plain text
	}
	words := strings.Join(textsOf("", value), "; ")
	return strings.ToValidUTF8(words[:min(len(words), mostReason)], ""), nil
}

// textsOf gives the texts of a JSON value, each with the name it stands under, in the order of the names.
func textsOf(name string, value any) []string {
	switch v := value.(type) {
	case string:
		text := strings.Join(strings.Fields(v), " ")
		if text == "" {
			return nil
		}
		if name == "" || strings.EqualFold(name, "reason") {
			return []string{text}
		}
		return []string{name + ": " + text}
	case []any:
		var out []string
		for _, element := range v {
			out = append(out, textsOf(name, element)...)
		}
		return out
	case map[string]any:
		var out []string
		for _, n := range slices.Sorted(maps.Keys(v)) {
			out = append(out, textsOf(n, v[n])...)
		}
		return out
	}
	return nil
}
