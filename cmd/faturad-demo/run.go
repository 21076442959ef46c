package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"time"

	"faturad/internal/clock"
	"faturad/sync/followup"
)

// settleWithin is how long the demo waits until nothing is in motion; it takes a few seconds.
const settleWithin = 2 * time.Minute

// run is the demo: build the world, let faturad work, show what came of it, and unless --once go on.
func run(ctx context.Context, o options, out io.Writer) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	o.once = o.once || o.json
	c := clock.Real{}
	began := c.Now()
	p := newPrinter(out, o)
	p.title()

	w, err := open(ctx, o, c)
	defer func() { err = errors.Join(err, w.close()) }()
	if err != nil {
		return err
	}
	sales := opening(o.sales)
	numbers, err := w.fill(ctx, sales)
	if err != nil {
		return err
	}
	for i, s := range sales {
		p.notes[numbers[i]] = s.note
	}
	if err := w.work(ctx, p); err != nil {
		return err
	}
	books, err := w.shop.read(ctx)
	if err != nil {
		return err
	}
	f := w.figures(books)
	if o.json {
		return errors.Join(p.json(f), f.verdict())
	}
	p.table(books.sales)
	p.inbox(books.received)
	p.sum(f, c.Now().Sub(began))
	if o.once {
		p.next()
		return f.verdict()
	}
	return w.live(ctx, p)
}

// work is what the daemon does on its schedule, once: taxpayers, sales out, outcomes and statuses, invoices in.
func (w *world) work(ctx context.Context, p *printer) error {
	ctx, cancel := context.WithTimeout(ctx, settleWithin)
	defer cancel()
	p.step("database", "MySQL-compatible, in memory, at %s: the ledger and the ERP", w.db.addr)
	p.step("ERP", "%d sales of the last days, as a shop's program typed them in; some are wrong", w.shop.next-1)
	p.step("provider", "simulated %s at %s; it will lose one answer and botch another", w.office.title(), w.simURL)

	if w.sim != nil {
		list, err := w.company.ImportTaxpayers(ctx)
		if err != nil {
			return fmt.Errorf("fetching the taxpayer list: %w", err)
		}
		p.step("registry", "%d e-Fatura users imported: they get e-Fatura, everybody else e-Arşiv", list.Taxpayers)
	} else {
		p.step("registry", "%d e-Fatura users named in the config: %s has no list of them", len(registered()), w.office.title())
	}
	sent, err := w.company.Outbound(ctx, nil)
	if err != nil {
		return fmt.Errorf("sending the sales: %w", err)
	}
	p.step("send", "%d sent, %d held, %d refused by the provider, %d with an unknown outcome", sent.Sent, sent.Held, sent.Refused, sent.Unknown)
	asked, err := w.ask(ctx)
	if err != nil {
		return fmt.Errorf("asking for unknown outcomes: %w", err)
	}
	p.step("ask", "%d of the unknown outcomes found at the provider and adopted; nothing was sent twice", asked.Adopted)
	received, err := w.company.Inbound(ctx, nil)
	if err != nil {
		return fmt.Errorf("receiving invoices: %w", err)
	}
	p.step("receive", "%d incoming invoices stored, written to the ERP, and only then acknowledged", received.Acknowledged)
	if _, err := w.company.Settle(ctx, w.hurry); err != nil {
		return fmt.Errorf("waiting for the tax authority's answers: %w", err)
	}
	p.step("follow", "GİB's answers asked for and written back to the ERP")
	return nil
}

// askAgain bounds how often ask asks: whatever is unknown still is left to Settle.
const askAgain = 10

// ask looks the unknown outcomes up until none is left. An invoice may be sent a while before it can be read (Propars).
func (w *world) ask(ctx context.Context) (followup.Result, error) {
	asked, err := w.company.Followup(ctx, nil)
	for n := 0; err == nil && asked.Unsettled > 0 && n < askAgain; n++ {
		if err = w.hurry(ctx); err != nil {
			break
		}
		var again followup.Result
		again, err = w.company.Followup(ctx, nil)
		asked = asked.Plus(again)
	}
	return asked, err
}

// hurry lets the time of provider and database pass faster: statuses are asked for every few seconds at first, and nobody
// wants to wait for that in a demo.
func (w *world) hurry(context.Context) error {
	const by = 8 * time.Second
	w.office.Advance(by)
	w.db.advance(by)
	return nil
}
