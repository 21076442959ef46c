package web

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/chromedp"
)

// browser starts a headless Chromium with nothing remembered; the test is not run where there is none.
func browser(t *testing.T) context.Context {
	t.Helper()
	path := ""
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "google-chrome-stable"} {
		if found, err := exec.LookPath(name); err == nil {
			path = found
			break
		}
	}
	if path == "" {
		t.Skip("NOT RUN: the admin page in a browser needs chromium: apt-get install -y chromium")
	}
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(path), chromedp.UserDataDir(t.TempDir()), chromedp.DisableGPU, chromedp.WindowSize(1280, 900),
		chromedp.Flag("disable-component-update", true))
	if os.Geteuid() == 0 { // Chromium's sandbox does not work for root
		options = append(options, chromedp.NoSandbox)
	}
	limited, stop := context.WithTimeout(context.WithoutCancel(t.Context()), 3*time.Minute)
	allocator, release := chromedp.NewExecAllocator(limited, options...)
	ctx, end := chromedp.NewContext(allocator)
	t.Cleanup(func() {
		if err := chromedp.Cancel(ctx); err != nil { // waits for the process
			t.Errorf("closing the browser: %v", err)
		}
		end()
		release()
		stop()
	})
	return ctx
}

// shot keeps a picture of the page in the folder that FATURAD_SCREENSHOTS names, for people to look at.
func shot(t *testing.T, ctx context.Context, name string) {
	t.Helper()
	dir := os.Getenv("FATURAD_SCREENSHOTS")
	if dir == "" {
		return
	}
	png, err := chromedp.Run(ctx, chromedp.FullScreenshot(100))
	if err == nil {
		err = os.WriteFile(filepath.Join(dir, name+".png"), png, 0o600)
	}
	if err != nil {
		t.Error(err)
	}
}

// visit does steps and gives the text that a person then reads.
func visit(t *testing.T, ctx context.Context, name string, steps ...step) string {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	text, err := chromedp.Run(ctx, chromedp.Text(chromedp.CSS("body")))
	if err != nil {
		t.Fatalf("%s: %v", name, err)
	}
	shot(t, ctx, name)
	return text
}

func reads(t *testing.T, name, text string, pieces ...string) {
	t.Helper()
	for _, piece := range pieces {
		rest, absent := strings.CutPrefix(piece, "!")
		if strings.Contains(text, rest) == absent {
			t.Errorf("%s: want %q in\n%s", name, piece, text)
		}
	}
}

type step = chromedp.Action[chromedp.Void]

func see(css string) step         { return chromedp.WaitVisible(chromedp.CSS(css)) }
func click(css string) step       { return chromedp.Click(chromedp.CSS(css)) }
func write(css, text string) step { return chromedp.SendKeys(chromedp.CSS(css), text) }

// An admin's round in a real browser: log in, look, filter, open a document, send now, log out.
func TestBrowser(t *testing.T) {
	t.Parallel()
	ctx := browser(t)
	s := open(t)

	text := visit(t, ctx, "wrong", chromedp.Navigate(s.URL()), see("input[name=token]"),
		write("input[name=token]", "wrong"), click("button.first"), see("p.bad"))
	reads(t, "a wrong token", text, "Anahtar yanlış.")

	text = visit(t, ctx, "overview", write("input[name=token]", token), click("button.first"), see("table.sums"))
	reads(t, "the overview", text, "acme", "Onaylandı", "1.234.567,50 TRY", "99,90 EUR", "Şimdi gönder", "İlgilenilmesi gereken belge: 1")

	text = visit(t, ctx, "documents", click("nav a[href='/documents']"), see("form.filter"))
	reads(t, "all documents", text, "acme:sale:1", "beta:sale:1", hostile)
	text = visit(t, ctx, "filtered", chromedp.SetValue(chromedp.CSS("select[name=state]"), "held"), click("form.filter button"),
		chromedp.WaitReady(chromedp.CSS("select[name=state] option[value=held][selected]")))
	reads(t, "held documents", text, "acme:sale:3", "!beta:sale:1", "!acme:sale:1")

	text = visit(t, ctx, "document", click("td a"), see("dl"))
	reads(t, "one document", text, "acme:sale:3", "İnceleme gerekli", "Cari kartta vergi numarasını düzeltin.", "ayse", hostile)

	text = visit(t, ctx, "inbox", click("nav a[href='/inbox']"), see("form.filter"))
	reads(t, "received invoices", text, "GEL2026000000007", "2.500,00 TRY", hostile)

	text = visit(t, ctx, "started", click("nav a[href='/']"), see("table.sums"),
		click("button[value=outbound]"), see("p[role=status]"))
	reads(t, "after the start", text, "Başlatıldı: Satışları gönder (acme)", "20.11.2026 12:00:00")
	if ran := s.jobs.ran(); len(ran) != 1 || ran[0] != "outbound/acme" {
		t.Errorf("the button started %v", ran)
	}

	text = visit(t, ctx, "bye", click("header button"), see("input[name=token]"), chromedp.Navigate(s.URL()+"/documents"),
		see("input[name=token]"))
	reads(t, "after the log-out", text, "!acme")

	english := open(t, func(o *Options) { o.Language = "en" })
	text = visit(t, ctx, "english", chromedp.Navigate(english.URL()), see("input[name=token]"),
		write("input[name=token]", token), click("button.first"), see("table.sums"))
	reads(t, "the English overview", text, "Accepted", "1,234,567.50 TRY", "Send now")
}
