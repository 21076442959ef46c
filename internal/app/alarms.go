package app

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"faturad/internal/clock"
	"faturad/internal/invoice"
	"faturad/providers/guard"
	"faturad/sync/ledger"
)

// How long an outcome may be unknown, and a sale unsent, before people are told (facts/reliability.md section 3.10).
const (
	unknownTooLong = time.Hour
	unsentTooLong  = 24 * time.Hour
)

// happened is how long something is shown that was over as soon as it happened.
const happened = 24 * time.Hour

// The names of alarms. Those of an account are "provider.ACCOUNT.KIND" and perhaps ".PRODUCT".
const (
	alarmProvider = "provider."
	alarmClash    = ledger.CodeNumberClash
	alarmUnknown  = "unknown.old"
	alarmUnsent   = "unsent.old"
	alarmAnswers  = "answers.due"
	alarmRefused  = "erp.refused"
	alarmArchive  = "archive.paused"
	alarmLost     = "ledger.lost"
	alarmRebuilt  = "ledger.rebuilt"
	alarmForgot   = "ledger.forgot"
)

// alarmText is an alarm's sentence and what to do.
type alarmText struct{ message, advice invoice.Text }

var troubleTexts = map[guard.TroubleKind]alarmText{
	guard.TroubleKey: {
		invoice.Text{TR: "Entegratör %q hesabının anahtarını kabul etmiyor; kabul edene kadar bu hesapla hiçbir belge gönderilmiyor ve sorulmuyor.",
			EN: "The provider refuses the key of account %q; until it accepts it, nothing is sent or asked with this account."},
		invoice.Text{TR: "API anahtarını yenileyip faturad'ı yeniden başlatın; bekleyen belgeler kendiliğinden gider.",
			EN: "Renew the API key and restart faturad; what waits then goes out by itself."},
	},
	guard.TroublePermission: {
		invoice.Text{TR: "%q hesabının bu tür belge için yetkisi yok: %s; bu tür belgeler gönderilmiyor.",
			EN: "Account %q has no permission for documents of this kind: %s; none of them is sent."},
		invoice.Text{TR: "Entegratörden yetkiyi (ya da kontörü) açmasını isteyin; faturad arada bir yoklar ve kendiliğinden sürdürür.",
			EN: "Ask the provider for the permission (or credits); faturad probes now and then and goes on by itself."},
	},
	guard.TroubleSilent: {
		invoice.Text{TR: "%q hesabının entegratörü yanıt veremiyor; gönderim durdu, yoklamalar sürüyor.",
			EN: "The provider of account %q fails again and again; sending has stopped, probes go on."},
		invoice.Text{TR: "Bir şey yapmanız gerekmez; bir saati geçerse ağı ve entegratörün duyurularını kontrol edin.",
			EN: "Nothing to do; if it lasts more than an hour, look at the network and the provider's notices."},
	},
}

var (
	clashText = alarmText{
		invoice.Text{TR: "Entegratör iki satışa aynı fatura numarasını verdi; %d belge bekletiliyor.",
			EN: "The provider gave one invoice number to two sales; %d documents are parked."},
		invoice.Text{TR: "Portalda iki belgeyi de inceleyin, sonra her birini sonuçlandırın: faturad mark.",
			EN: "Look at both documents in the provider's portal, then settle each: faturad mark."},
	}
	unknownText = alarmText{
		invoice.Text{TR: "Sonucu bir saatten uzun süredir belirsiz olan belge var (%s tarihinden beri).", EN: "An outcome has been unknown for more than an hour (since %s)."},
		invoice.Text{TR: "Entegratöre ulaşılabildiğini kontrol edin: faturad check; belgeler: faturad documents --state unknown.",
			EN: "See whether the provider can be reached: faturad check; the documents: faturad documents --state unknown."},
	}
	unsentText = alarmText{
		invoice.Text{TR: "Bir günden uzun süredir gönderilemeyen satış var (%s tarihinden beri).", EN: "A sale has been waiting to be sent for more than a day (since %s)."},
		invoice.Text{TR: "Nedeni belgelerin açıklamasında: faturad documents --state pending,prepared; fatura düzenleme süresi yedi gündür.",
			EN: "The documents say why: faturad documents --state pending,prepared; the law allows seven days."},
	}
	refusedText = alarmText{
		invoice.Text{TR: "ERP veritabanı faturad'ın yazmasını reddediyor; belgelerin durumu ERP'de görünmüyor: %s.",
			EN: "The ERP's database refuses what faturad writes; the ERP does not show how documents stand: %s."},
		invoice.Text{TR: "`faturad grants` komutunun gösterdiği yetkileri verin, `faturad check` ile bakın; ardından hepsi bir dakika içinde yazılır, hiçbir belge yeniden gönderilmez.",
			EN: "Give the rights that `faturad grants` prints and see `faturad check`; then all is written within a minute, and nothing is sent again."},
	}
	answersText = alarmText{
		invoice.Text{TR: "Yanıtlanmamış ticari fatura: %d; ilkinin son günü %s, o gün geçince kabul edilmiş sayılır.",
			EN: "Incoming commercial invoices without an answer: %d; the last day of the first is %s, after it silence is consent."},
		invoice.Text{TR: "Kabul ya da reddi ERP'de girin, ya da: faturad inbox accept|reject ETTN; liste: faturad inbox list.",
			EN: "Enter acceptance or rejection in the ERP, or: faturad inbox accept|reject ETTN; the list: faturad inbox list."},
	}
	archiveText = alarmText{
		invoice.Text{TR: "Arşiv duraklatıldı: %s klasörünün diskinde yer yok (archive.min_free_mb) ya da oraya yazılamıyor; gönderme ve alma sürüyor.",
			EN: "The archive is paused: the disk of %s has no room (archive.min_free_mb) or cannot be written to; sending and receiving go on."},
		invoice.Text{TR: "O diskte yer açın ya da archive.dir'i daha büyük bir diske taşıyın; arşiv kendiliğinden sürer.",
			EN: "Make room on that disk or point archive.dir at a larger one; the archive goes on by itself."},
	}
	lostText = alarmText{
		invoice.Text{TR: "Kayıt veritabanı onayladığı işlemleri yitirmiş (eski yedek ya da devir); gönderilmemiş görünen her belge önce entegratöre soruluyor.",
			EN: "The ledger lost commits that it had confirmed (an older backup, or a failover); the provider is asked about everything that seems unsent before it is sent."},
		invoice.Text{TR: "Gün sonunda karşılaştırın: faturad audit.", EN: "Compare the books at the end of the day: faturad audit."},
	}
	forgotText = alarmText{
		invoice.Text{TR: "Entegratörde, kayıtların bilmediği ya da gönderilmemiş saydığı %d belgemiz var: kayıtlar entegratörden eski. Satışı aynı kimlikle ERP'ye girilen belge bulunur ve üstlenilir, yeniden gönderilmez.",
			EN: "The provider has %d documents of ours that the ledger does not know or believes unsent: the ledger is older than the provider. Where a sale is entered in the ERP under the same id, its document is found and adopted, not sent again."},
		invoice.Text{TR: "Eksik satışları ERP'ye aynı kimliklerle girin, sonra karşılaştırın: faturad audit.",
			EN: "Enter the missing sales in the ERP under the same ids, then compare: faturad audit."},
	}
	rebuiltText = alarmText{
		invoice.Text{TR: "ERP, kayıtlarda eksik ya da eski olan %d belge biliyordu; kayıtlar ERP'den ve entegratörden yeniden kuruldu, hiçbiri sorulmadan gönderilmez.",
			EN: "The ERP knew %d documents that the ledger lacked or had in an older state; they were rebuilt from the ERP and the provider, and none is sent unasked."},
		invoice.Text{TR: "Kayıt veritabanı geri yüklendiyse beklenen budur; yüklenmediyse nedenini araştırın ve karşılaştırın: faturad audit.",
			EN: "Expected after the ledger was restored; if it was not, find out why, and compare: faturad audit."},
	}
)

func (c *Company) alarm(name string, t alarmText, args ...any) ledger.Alarm {
	return ledger.Alarm{Company: c.Name, Name: name, Message: fmt.Sprintf(t.message.In(c.app.Config.Language), args...),
		Advice: t.advice.In(c.app.Config.Language)}
}

// watched ends a pass: it brings the alarms up to date. A pass that failed says so itself, whatever the alarms' ledger says.
func (c *Company) watched(ctx context.Context, err error) error {
	if watchErr := c.watch(context.WithoutCancel(ctx)); err == nil {
		return watchErr
	}
	return err
}

// watch compares what is wrong with the alarms that stand, raises and lowers them, and shows them in the metrics. Where
// nothing changed it writes nothing. Passes that end at once come one after the other, so that what both see is said once.
func (c *Company) watch(ctx context.Context) error {
	c.watching.Lock()
	defer c.watching.Unlock()
	standing, err := c.app.Ledger.Alarms(ctx, c.Name)
	if err != nil {
		return err
	}
	wrong, err := c.wrong(ctx)
	if err != nil {
		return err
	}
	var errs []error
	for _, a := range wrong {
		i := slices.IndexFunc(standing, func(s ledger.Alarm) bool { return s.Company == a.Company && s.Name == a.Name })
		if i >= 0 && standing[i].Message == a.Message && standing[i].Advice == a.Advice {
			continue
		}
		if i < 0 {
			c.log.Error("ALARM: "+a.Message, "alarm", a.Name, "advice", a.Advice)
		}
		errs = append(errs, c.app.Ledger.Raise(ctx, a, 0))
	}
	for _, a := range standing {
		if !c.over(a, wrong) {
			continue
		}
		c.log.Info("an alarm is over", "alarm", a.Name, "since", a.Since)
		errs = append(errs, c.app.Ledger.Lower(ctx, c.Name, a.Name))
	}
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("recording alarms: %w", err)
	}
	standing, err = c.app.Ledger.Alarms(ctx, c.Name)
	if err == nil {
		c.app.metrics.alarms(c.Name, standing)
	}
	return err
}

// wrong is everything that is wrong now.
func (c *Company) wrong(ctx context.Context) ([]ledger.Alarm, error) {
	var out []ledger.Alarm
	for _, a := range c.Accounts {
		for _, t := range a.Health.Troubles() {
			out = append(out, c.troubleAlarm(a.Name, t))
		}
	}
	now, err := c.app.Ledger.Now(ctx)
	if err != nil {
		return nil, err
	}
	t, err := c.app.Ledger.Troubled(ctx, c.Name)
	if err != nil {
		return nil, err
	}
	if t.Clashes > 0 {
		out = append(out, c.alarm(alarmClash, clashText, t.Clashes))
	}
	if !t.Unknown.IsZero() && now.Sub(t.Unknown) > unknownTooLong {
		out = append(out, c.alarm(alarmUnknown, unknownText, clock.Text(t.Unknown, c.app.Config.Language)))
	}
	if !t.Unsent.IsZero() && now.Sub(t.Unsent) > unsentTooLong {
		out = append(out, c.alarm(alarmUnsent, unsentText, clock.Text(t.Unsent, c.app.Config.Language)))
	}
	if t.Refused != "" {
		out = append(out, c.alarm(alarmRefused, refusedText, strings.TrimRight(t.Refused, ".")))
	}
	due, first, err := c.AnswersDue(ctx)
	if err != nil {
		return nil, err
	}
	if due > 0 {
		out = append(out, c.alarm(alarmAnswers, answersText, due, first.Text(c.app.Config.Language)))
	}
	if last := c.archived.Load(); last != nil && last.paused {
		out = append(out, c.alarm(alarmArchive, archiveText, c.app.Config.Archive.Dir))
	}
	return out, nil
}

// troubleAlarm puts what a guard knows into words.
func (c *Company) troubleAlarm(account string, t guard.Trouble) ledger.Alarm {
	name := alarmProvider + account + "." + string(t.Kind)
	args := []any{account}
	if t.Kind == guard.TroublePermission {
		name += "." + string(t.Product)
		args = append(args, t.Product)
	}
	return c.alarm(name, troubleTexts[t.Kind], args...)
}

// over reports whether an alarm that stands need stand no longer. What another process found out about an account is over
// only when this one was answered since, and a full disk only when this one's archive had room since.
func (c *Company) over(a ledger.Alarm, wrong []ledger.Alarm) bool {
	if a.Company != c.Name || slices.ContainsFunc(wrong, func(w ledger.Alarm) bool { return w.Name == a.Name }) {
		return false
	}
	rest, ofProvider := strings.CutPrefix(a.Name, alarmProvider)
	if a.Name == alarmArchive {
		last := c.archived.Load()
		return last != nil && last.at.After(a.Since) || !c.Archives()
	}
	if !ofProvider {
		return slices.Contains([]string{alarmClash, alarmUnknown, alarmUnsent, alarmAnswers, alarmRefused}, a.Name)
	}
	for _, account := range c.Accounts {
		if strings.HasPrefix(rest, account.Name+".") {
			return account.Health.Answered().After(a.Since)
		}
	}
	return true // the account is gone from the config
}
