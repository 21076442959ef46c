package torture

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// campaign is a test of many rounds. Each round is drawn from the seed and its own number, so that it can be played again
// alone. In the long form what the rounds came to is kept in a file of FATURAD_TORTURE_DIR: a campaign that was stopped goes on
// behind its last whole round.
type campaign struct {
	t     *testing.T
	path  string // of the file; empty = nothing is kept
	began time.Time
	told  time.Time

	Name    string
	Seed    int
	Rounds  int // whole ones
	Kills   int // or cuts
	Missed  int // processes that ended before their moment came
	Failed  int // passes that failed
	Sales   int
	Creates int     // creating requests
	Asked   int     // sales that waited for a person
	Took    float64 // seconds
}

// newCampaign begins a campaign, or goes on with it.
func newCampaign(t *testing.T, name string) *campaign {
	t.Helper()
	c := &campaign{t: t, Name: name, Seed: number(t, "FATURAD_TORTURE_SEED", usualSeed), began: time.Now()}
	if dir := os.Getenv("FATURAD_TORTURE_DIR"); dir != "" && long() {
		c.path = filepath.Join(dir, strings.ReplaceAll(name, " ", "-")+".json")
		text, err := os.ReadFile(c.path)
		if err == nil {
			err = json.Unmarshal(text, c)
		}
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			t.Fatalf("reading what an earlier run reached: %v", err)
		}
	}
	t.Logf("%s: FATURAD_TORTURE_SEED=%d, from round %d on", c.Name, c.Seed, c.Rounds)
	return c
}

// dice are those of the next round.
func (c *campaign) dice() *rand.Rand { return rand.New(rand.NewPCG(uint64(c.Seed), uint64(c.Rounds))) }

// done ends a round. A round that failed does not count, and is told of with what plays it again.
func (c *campaign) done() {
	c.t.Helper()
	if c.t.Failed() {
		c.t.Fatalf("%s: round %d of FATURAD_TORTURE_SEED=%d failed", c.Name, c.Rounds, c.Seed)
	}
	c.Rounds++
	c.Took += time.Since(c.began).Seconds()
	c.began = time.Now()
	if c.path == "" {
		return
	}
	text, err := json.Marshal(c)
	if err == nil {
		err = os.WriteFile(c.path+".new", text, 0o600)
	}
	if err == nil {
		err = os.Rename(c.path+".new", c.path)
	}
	if err != nil {
		c.t.Fatalf("keeping what was reached: %v", err)
	}
	if time.Since(c.told) > 10*time.Second {
		c.told = time.Now()
		fmt.Printf("%s %s\n", time.Now().Format(time.TimeOnly), c)
	}
}

// count adds what a round of so many sales came to.
func (c *campaign) count(v verdict, sales int) {
	c.Creates += v.creates
	c.Asked += len(v.asked)
	c.Sales += sales
}

// String is what the campaign has come to.
func (c *campaign) String() string {
	return fmt.Sprintf("%s: %d times in %d rounds, %s; %d came too late; %d passes failed; %d sales sent by %d requests: 0 duplicates, 0 lost, 0 wrong numbers; %d waited for a person (seed %d)",
		c.Name, c.Kills, c.Rounds, (time.Duration(c.Took) * time.Second), c.Missed, c.Failed, c.Sales, c.Creates, c.Asked, c.Seed)
}
