package systemd_test

import (
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"faturad/providers/turkcell/turkcellsim"
)

const (
	providerKey = "unit-test-key-of-some-length"
	sellerVKN   = "4812057337" // made up, with a right check digit
	buyerVKN    = "6400177128"
)

// TestUnitOnRealSystemd installs the package on a machine as the installation guide says, and lets systemd start, watch, restart,
// upgrade and stop the daemon.
func TestUnitOnRealSystemd(t *testing.T) {
	image := machineImage(t)
	first, second := packaged(t, "1.0.0"), packaged(t, "1.0.1")
	sim := turkcellsim.New(turkcellsim.Options{APIKey: providerKey, Pace: turkcellsim.Pace{Mode: turkcellsim.PaceInstant}})
	provider := httptest.NewServer(sim)
	t.Cleanup(provider.Close)

	port := freePort(t)
	m := boot(t, image, map[string]string{
		"/etc/mysql/mariadb.conf.d/99-port.cnf": fmt.Sprintf("[mysqld]\nport=%d\ninnodb_flush_method=nosync\n", port),
		"/root/first.deb":                       read(t, first),
		"/root/second.deb":                      read(t, second),
	})
	u := &unit{machine: m, sim: sim}
	for _, step := range []struct {
		name string
		run  func(t *testing.T)
	}{
		{"install", func(*testing.T) { u.install(port, provider.URL) }},
		{"ready", u.starts},
		{"hardened", u.isHardened},
		{"sale", func(*testing.T) { u.issues(1) }},
		{"restart", u.restarts},
		{"upgrade", u.upgrades},
		{"frozen", u.isWatched},
		{"ledger away", u.outlastsTheLedger},
		{"wrong config", u.refusesWrongConfig},
		{"stop", u.stops},
		{"remove", u.isRemoved},
	} {
		ok := t.Run(step.name, func(t *testing.T) {
			outer := m.t
			m.t = t
			defer func() { m.t = outer }()
			step.run(t)
		})
		if !ok {
			return
		}
	}
}

// packaged makes the deb as `make package` does.
func packaged(t *testing.T, version string) string {
	t.Helper()
	dist := t.TempDir()
	cmd := exec.CommandContext(t.Context(), "make", "--no-print-directory", "package", "VERSION="+version, "DIST="+dist)
	cmd.Dir = ".."
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("make package: %v\n%s", err, out)
	}
	if rpms, err := filepath.Glob(filepath.Join(dist, "*.rpm")); err != nil || len(rpms) != 1 {
		t.Errorf("make package made %d rpms (%v)", len(rpms), err)
	}
	debs, err := filepath.Glob(filepath.Join(dist, "*.deb"))
	if err != nil || len(debs) != 1 {
		t.Fatalf("make package made %d debs (%v)", len(debs), err)
	}
	return debs[0]
}

func read(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func freePort(t *testing.T) int {
	t.Helper()
	l, err := new(net.ListenConfig).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	_, text, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	port, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return port
}

// unit is the installed daemon and its provider.
type unit struct {
	*machine
	sim *turkcellsim.Simulator
}

// install is the installation guide, step by step.
func (u *unit) install(port int, provider string) {
	u.t.Helper()
	u.sh(`dpkg -i /root/first.deb
mariadb -e "CREATE DATABASE faturad CHARACTER SET utf8mb4; CREATE DATABASE erp CHARACTER SET utf8mb4"
faturad init --erp reference --sql | mariadb --default-character-set=utf8mb4 erp
faturad init --erp reference --name acme --vkn ` + sellerVKN + ` --start 2026-01-01 --base-url ` + provider + ` \
	--seller-name "Örnek Ticaret A.Ş." --seller-tax-office Çankaya --seller-street "Atatürk Bulvarı" --seller-district Çankaya --seller-city Ankara
cd /etc/faturad
umask 077
printf %s ` + providerKey + ` >credentials/turkcell-api-key
od -An -N32 -tx1 /dev/urandom | tr -d ' \n' >credentials/admin-token
for user in faturad_migrate:migrate:faturad faturad:ledger:faturad faturad_erp:erp:erp; do
	IFS=: read -r name file database <<<"$user"
	password=$(od -An -N16 -tx1 /dev/urandom | tr -d ' \n')
	echo "$name:$password@tcp(127.0.0.1:` + strconv.Itoa(port) + `)/$database" >$file.dsn
done
systemd-tmpfiles --create faturad.conf
faturad grants >/root/grants.sql
for user in faturad_migrate:migrate faturad:ledger faturad_erp:erp; do
	password=$(cut -d: -f2 ${user#*:}.dsn | cut -d@ -f1)
	sed -i "/'${user%:*}'@/s/<password>/$password/" /root/grants.sql
done
grep faturad_migrate /root/grants.sql | mariadb
faturad migrate
mariadb </root/grants.sql
# Only for this test: everything each second, and no port of the machine that it shares.
sed -i -e 's|^listen = .*|listen = "unix:/run/faturad/admin.sock"|' faturad.toml
sed -i '0,/^\[\[company\]\]/s//[schedule]\noutbound = "@every 1s"\nfollowup = "@every 1s"\nwriteback = "@every 1s"\n\n[[company]]/' faturad.toml
faturad check
faturad sync registry`)
}

// starts: `systemctl start` returns when the daemon said READY, not before.
func (u *unit) starts(t *testing.T) {
	u.sh("systemctl enable --now faturad")
	if got := u.property("ActiveState"); got != "active" {
		t.Errorf("after systemctl start the unit is %s", got)
	}
	if got := u.property("Type"); got != "notify" {
		t.Errorf("the unit's type is %s", got)
	}
}

// isHardened looks at the process itself: what systemd says and what the kernel does are two things.
func (u *unit) isHardened(t *testing.T) {
	status := u.sh("cat /proc/$(systemctl show faturad --value -p MainPID)/status")
	uid := u.sh("id -u faturad")
	for _, want := range []string{
		"Uid:\t" + uid + "\t" + uid + "\t" + uid + "\t" + uid, "CapEff:\t0000000000000000", "CapPrm:\t0000000000000000", "CapBnd:\t0000000000000000",
		"CapAmb:\t0000000000000000", "NoNewPrivs:\t1", "Seccomp:\t2",
	} {
		if uid == "0" || !strings.Contains(status, want+"\n") {
			t.Errorf("the process lacks %q:\n%s", want, status)
		}
	}
	inside := u.sh(`pid=$(systemctl show faturad --value -p MainPID)
for place in /usr /etc/faturad /var/lib /var/lib/faturad /var/cache/faturad /run/faturad; do
	if nsenter -t $pid -m touch $place/probe 2>/dev/null; then echo "$place writable"; else echo "$place closed"; fi
done
nsenter -t $pid -m ls /home /root 2>&1 | head -5
rm -f /var/lib/faturad/probe /var/cache/faturad/probe /run/faturad/probe`)
	for _, want := range []string{
		"/usr closed", "/etc/faturad closed", "/var/lib closed", "/var/lib/faturad writable", "/var/cache/faturad writable", "/run/faturad writable",
	} {
		if !strings.Contains(inside+"\n", want+"\n") {
			t.Errorf("%s is not so:\n%s", want, inside)
		}
	}
	if got := u.sh("stat -c '%U:%G %a' /etc/faturad /etc/faturad/credentials /etc/faturad/ledger.dsn /etc/faturad/migrate.dsn /var/lib/faturad"); got !=
		"root:faturad 750\nroot:root 700\nroot:faturad 640\nroot:root 600\nfaturad:faturad 700" {
		t.Errorf("owners and modes are\n%s", got)
	}
	out := u.sh("systemd-analyze security --no-pager --threshold=" + threshold + " faturad.service")
	t.Log(regexp.MustCompile(`Overall exposure level.*`).FindString(out))
}

// issues puts one sale into the ERP and waits until the ERP shows its number; the provider then has it once.
func (u *unit) issues(id int) {
	u.t.Helper()
	u.book(id)
	u.until(time.Minute, fmt.Sprintf("mariadb -N erp -e 'SELECT einvoice_no FROM sales WHERE id = %d AND einvoice_state IN (\"sent\", \"accepted\")'", id), "2026")
	if n := u.issued(id); n != 1 {
		u.t.Errorf("the provider has sale %d %d times", id, n)
	}
}

func (u *unit) book(id int) {
	u.t.Helper()
	u.sh(fmt.Sprintf(`mariadb --default-character-set=utf8mb4 erp <<'END'
INSERT INTO sales (id, sale_no, issue_date, issue_time, buyer_name, buyer_tax_no, buyer_tax_office, buyer_street, buyer_district, buyer_city, net, vat, gross)
VALUES (%[1]d, 'S-%[1]d', CURDATE(), '10:00:00', 'Işıltı Aydınlatma Ltd. Şti.', '%[2]s', 'Kadıköy', 'Bağdat Cad. 1', 'Kadıköy', 'İstanbul', 100, 20, 120);
INSERT INTO sale_lines (sale_id, line_no, name, quantity, unit, unit_price, vat_rate) VALUES (%[1]d, 1, 'Danışmanlık', 1, 'adet', 100, 20);
END`, id, buyerVKN))
}

// issued counts a sale's documents at the provider.
func (u *unit) issued(id int) int {
	n := 0
	for _, d := range u.sim.Documents() {
		if d.LocalReferenceID == fmt.Sprintf("acme:sale:%d", id) {
			n++
		}
	}
	return n
}

func (u *unit) restarts(t *testing.T) {
	before := u.property("MainPID")
	u.sh("systemctl restart faturad")
	if after := u.property("MainPID"); after == before || u.property("ActiveState") != "active" {
		t.Errorf("after a restart process %s is %s", after, u.property("ActiveState"))
	}
	u.issues(2)
}

// upgrades: a new package over the running daemon replaces it and keeps what the administrator wrote.
func (u *unit) upgrades(t *testing.T) {
	before := u.property("MainPID")
	u.sh("sha256sum /etc/faturad/*.* /etc/faturad/credentials/* >/root/before; dpkg -i /root/second.deb; sha256sum -c --quiet /root/before")
	if got := u.sh("faturad --version"); !strings.Contains(got, "1.0.1") {
		t.Errorf("after the upgrade there is %q", got)
	}
	if after := u.property("MainPID"); after == before || u.property("ActiveState") != "active" || u.property("UnitFileState") != "enabled" {
		t.Errorf("after the upgrade process %s is %s", after, u.property("ActiveState"))
	}
	u.issues(3)
}

// isWatched: a frozen daemon is aborted and started again. A Go program ends an abort with exit code 2 by itself, which the
// unit takes for a wrong config.
func (u *unit) isWatched(t *testing.T) {
	u.dropIn("WatchdogSec=8\nRestartSec=200ms\n")
	u.sh("systemctl restart faturad")
	before := u.property("MainPID")
	u.sh("kill -STOP " + before)
	u.until(time.Minute, "systemctl show faturad --value -p NRestarts", "1")
	u.until(time.Minute, "systemctl is-active faturad", "active")
	if after := u.property("MainPID"); after == before {
		t.Error("the frozen process was not replaced")
	}
	if log := u.try("journalctl -u faturad --no-pager -o cat"); !strings.Contains(log, "Watchdog timeout") {
		t.Error("it was not the watchdog that restarted the daemon")
	}
	u.issues(4)
}

// outlastsTheLedger: started while its database is away, the daemon is tried again until the database is back, more often
// than the 5 times at which systemd gives up by itself.
func (u *unit) outlastsTheLedger(*testing.T) {
	u.sh("systemctl stop mariadb.socket mariadb-extra.socket mariadb 2>/dev/null || systemctl stop mariadb")
	u.try("systemctl restart faturad")
	u.until(time.Minute, "[ $(systemctl show faturad --value -p NRestarts) -gt 8 ] && echo persists", "persists")
	u.sh("systemctl start mariadb")
	u.until(time.Minute, "systemctl is-active faturad", "active")
	u.issues(5)
}

// refusesWrongConfig: not tried again, and the journal says where it is wrong.
func (u *unit) refusesWrongConfig(t *testing.T) {
	u.sh("cp -p /etc/faturad/faturad.toml /root/good.toml; sed -i '1i lnguage = \"tr\"' /etc/faturad/faturad.toml; mv /etc/faturad/credentials/admin-token /root/")
	if out := u.try("systemctl restart faturad"); !strings.Contains(out, "exit status") {
		t.Errorf("systemctl restart did not fail with a wrong config: %s", out)
	}
	u.until(time.Minute, "systemctl is-failed faturad", "failed")
	if code, restarts := u.property("ExecMainStatus"), u.property("NRestarts"); code != "2" || restarts != "0" {
		t.Errorf("exit code %s and %s restarts", code, restarts)
	}
	log := u.sh("journalctl -u faturad -n 20 --no-pager -o cat")
	for _, want := range []string{"lnguage", "admin-token is missing"} {
		if !strings.Contains(log, want) {
			t.Errorf("the journal does not say %q:\n%s", want, log)
		}
	}
	u.sh("cp -p /root/good.toml /etc/faturad/faturad.toml; mv /root/admin-token /etc/faturad/credentials/; systemctl start faturad")
}

// stops: what is in flight is finished and recorded first.
func (u *unit) stops(t *testing.T) {
	if err := u.sim.SetFault(turkcellsim.Fault{Kind: turkcellsim.FaultSlowHeaders, Reference: "acme:sale:6", Times: 1, Delay: 4 * time.Second}); err != nil {
		t.Fatal(err)
	}
	u.book(6)
	u.until(time.Minute, `mariadb -N faturad -e "SELECT state FROM documents WHERE local_reference = 'acme:sale:6'"`, "sending")
	u.sh("systemctl stop faturad")
	if result, code, state := u.property("Result"), u.property("ExecMainStatus"), u.property("ActiveState"); result != "success" || code != "0" || state != "inactive" {
		t.Errorf("systemctl stop: %s, exit code %s, %s", result, code, state)
	}
	if got := u.sh(`mariadb -N faturad -e "SELECT state FROM documents WHERE local_reference = 'acme:sale:6'"`); got != "sent" && got != "accepted" {
		t.Errorf("what was in flight when the daemon was stopped is %s", got)
	}
	if n := u.issued(6); n != 1 {
		t.Errorf("what was in flight was issued %d times", n)
	}
}

// isRemoved: the program goes, what the administrator wrote stays.
func (u *unit) isRemoved(t *testing.T) {
	u.sh("systemctl start faturad; dpkg -r faturad; test ! -e /usr/bin/faturad; test -e /etc/faturad/faturad.toml; test -e /etc/faturad/credentials/turkcell-api-key")
	if got := u.try("systemctl is-active faturad"); strings.HasPrefix(got, "active") {
		t.Error("it still runs after the package was removed")
	}
}

// dropIn changes the unit as `systemctl edit` does.
func (u *unit) dropIn(service string) {
	u.t.Helper()
	u.sh("mkdir -p /etc/systemd/system/faturad.service.d; printf '[Service]\n" + strings.ReplaceAll(service, "\n", `\n`) + "' >/etc/systemd/system/faturad.service.d/test.conf; systemctl daemon-reload")
}
