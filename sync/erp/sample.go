package erp

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// sample reads texts that must have Turkish letters, and refuses damaged ones: a wrong name on a legal invoice cannot be
// corrected later.
func (p *probe) sample(ctx context.Context) {
	place := p.s.cfg.where("turkish_sample")
	if p.s.cfg.TurkishSample == "" {
		p.add(SeverityWarning, place, "there is no turkish_sample.", "Name a query of real names, so that damaged letters are noticed before they are sent.")
		return
	}
	t, err := compile(p.s.cfg.TurkishSample, p.s.cfg.Vars)
	if err != nil {
		p.add(SeverityError, place, err.Error(), "")
		return
	}
	ctx, cancel := context.WithTimeout(ctx, p.s.timeout())
	defer cancel()
	letters, err := p.read(ctx, t)
	if err != nil {
		p.failed(ctx, "turkish_sample", p.s.cfg.TurkishSample, shapeOf(t), err)
		return
	}
	letters.judge(p, place)
}

// read counts the letters of the sample's texts.
func (p *probe) read(ctx context.Context, t template) (letters letterCount, err error) {
	rows, err := p.s.db.QueryxContext(ctx, t.text())
	if err != nil {
		return letters, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		values, err := rows.SliceScan()
		if err != nil {
			return letters, err
		}
		for _, v := range values {
			if b, ok := v.([]byte); ok {
				letters.add(p.s.reader.cs.decode(string(b)))
			}
		}
	}
	return letters, rows.Err()
}

// letterCount counts what a sample's letters look like.
type letterCount struct {
	turkish, broken, icelandic int
	example                    string
}

func (l *letterCount) add(s string) {
	switch {
	case damaged(s) != "":
		l.broken++
		l.example = s
	case icelandic(s):
		l.icelandic++
		if l.example == "" {
			l.example = s
		}
	case strings.ContainsAny(s, "ışğİŞĞ"):
		l.turkish++
	}
}

// judge allows the odd damaged row, which is held when its turn comes, but not a damaged database.
func (l *letterCount) judge(p *probe, place string) {
	switch bad := l.broken + l.icelandic; {
	case bad > 0 && bad*4 >= l.turkish:
		p.add(SeverityError, place, fmt.Sprintf("Turkish letters are damaged in %d of %d texts, e.g. %q.", bad, bad+l.turkish, truncate(l.example, 60)), l.advice())
	case l.broken > 0:
		p.add(SeverityWarning, place, fmt.Sprintf("%d of %d texts have damaged letters, e.g. %q.", l.broken, bad+l.turkish, truncate(l.example, 60)), "Sales with such texts are held until they are corrected in the ERP.")
	case l.turkish == 0:
		p.add(SeverityWarning, place, "the sample has no Turkish letter, so it proves nothing.", "Choose a query that returns Turkish names.")
	}
}

func (l *letterCount) advice() string {
	if l.icelandic >= l.broken {
		return `The latin1 columns hold Windows-1254: set decode = "windows-1254" in the source.`
	}
	return `Texts were stored with a wrong character set: set decode of the source ("utf-8" where UTF-8 bytes lie in latin1 columns), or remove it where the columns' charsets are true.`
}
