package erp

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/uuid"

	"faturad/internal/fault"
	"faturad/internal/invoice"
)

// Requests reads what people asked for in the ERP; nil when the source has no such query. Whether
// a request makes sense is for the caller to judge, who answers it with FinishRequest.
func (s *Source) Requests(ctx context.Context) ([]Request, error) {
	var out []Request
	err := s.entered(ctx, "requests", s.cfg.Requests, RequestAliases, func(in row, texts map[string]string) {
		r := Request{ID: texts["request_id"], Space: texts["space"], Key: texts["sale"], Reason: texts["reason"], By: texts["requested_by"]}
		r.Action, _ = s.reader.translate("action", texts["action"])
		if r.Space == "" && len(s.documents) == 1 {
			r.Space = s.documents[0].cfg.Name
		}
		if d, err := s.document(r.Space); err == nil && r.Key == "" {
			if key, err := s.key(d, in); err == nil {
				r.Key = key
			}
		}
		out = append(out, r)
	})
	return out, err
}

// Answers reads people's answers to received invoices; nil when the source has no such query.
func (s *Source) Answers(ctx context.Context) ([]Answer, error) {
	var out []Answer
	err := s.entered(ctx, "answers", s.cfg.Answers, AnswerAliases, func(_ row, texts map[string]string) {
		a := Answer{ID: texts["answer_id"], Reason: texts["reason"], By: texts["answered_by"]}
		word, _ := s.reader.translate("answer", texts["answer"])
		ettn, err := uuid.Parse(texts["ettn"])
		switch {
		case err != nil:
			a.Problem = fmt.Sprintf("ETTN %q", texts["ettn"])
		case word != "accept" && word != "reject":
			a.Problem = fmt.Sprintf("%q: accept / reject", texts["answer"])
		}
		a.ETTN, a.Accept = ettn, word == "accept"
		out = append(out, a)
	})
	return out, err
}

// entered runs a query of things that people entered.
func (s *Source) entered(ctx context.Context, name, sql string, aliases []Alias, take func(row, map[string]string)) error {
	if strings.TrimSpace(sql) == "" {
		return nil
	}
	q, err := s.sideQuery(name, sql, aliases)
	if err != nil {
		return fault.New(fault.Permanent, "reading "+name, err)
	}
	return s.scan(ctx, nil, q, s.readParams(invoice.Date{}, 0), func(in row) (bool, error) {
		texts, _ := s.reader.texts(in, q.aliases, false)
		take(in, texts)
		return true, nil
	})
}

// sideQuery compiles a query that belongs to no document; it may return the key columns of every document.
func (s *Source) sideQuery(name, sql string, aliases []Alias) (query, error) {
	t, err := compile(sql, s.cfg.Vars)
	if err != nil {
		return query{}, err
	}
	q := query{template: t, place: name, aliases: newAliasSet(aliases), extra: map[string]bool{}}
	if name == "requests" {
		for _, d := range s.documents {
			for _, p := range d.key {
				q.extra[p.name] = true
			}
		}
	}
	return q, nil
}

// FinishRequest writes on.request.
func (s *Source) FinishRequest(ctx context.Context, d Done) error {
	return s.writeOne(ctx, eventJob(s, EventRequest, bindAll(params{}, DoneParams, d)))
}

// FinishAnswer writes on.answer.
func (s *Source) FinishAnswer(ctx context.Context, d Done) error {
	return s.writeOne(ctx, eventJob(s, EventAnswer, bindAll(params{}, DoneParams, d)))
}

// WriteAnswers writes on.answered for each answer, as WriteBack writes projections. A source without it shows no answers.
func (s *Source) WriteAnswers(ctx context.Context, answers []AnswerProjection) ([]error, error) {
	jobs := make([]job, len(answers))
	for i, a := range answers {
		jobs[i] = eventJob(s, EventAnswered, bindAll(params{}, AnsweredParams, a))
	}
	return s.write(ctx, jobs)
}
