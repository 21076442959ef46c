package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
	"sync"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"
)

// board shows on a terminal, in one line, what is under way and how far it has come, for several companies at once; elsewhere
// it shows nothing. A line that cannot be drawn is no reason to stop.
type board struct {
	mu    sync.Mutex
	bar   *progressbar.ProgressBar // nil = nothing is drawn
	width int                      // of what the line may say, in characters
	bars  []*bar                   // what is under way, in the order of its beginning
}

// bar is one thing under way.
type bar struct {
	board *board
	what  string
	done  int
}

// boardRoom is kept free in the line for the spinner and the sums behind the words.
const boardRoom = 40

func (c *cli) board() *board {
	f, ok := c.err.(*os.File)
	if !ok || c.json || !term.IsTerminal(int(f.Fd())) {
		return &board{}
	}
	width, _, err := term.GetSize(int(f.Fd()))
	if err != nil {
		width = 80
	}
	b := progressbar.NewOptions(-1, progressbar.OptionSetWriter(c.err),
		progressbar.OptionShowCount(), progressbar.OptionShowIts(), progressbar.OptionClearOnFinish(), progressbar.OptionSpinnerType(14),
		progressbar.OptionSetSpinnerChangeInterval(0)) // the goroutine that turns the spinner by itself races with Add
	_ = b.RenderBlank()
	return &board{bar: b, width: max(20, width-boardRoom)}
}

// begin shows one more thing under way.
func (b *board) begin(what string) *bar {
	n := &bar{board: b, what: what}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bars = append(b.bars, n)
	b.draw()
	return n
}

// add is told how many more were done.
func (n *bar) add(done, _ int) {
	b := n.board
	b.mu.Lock()
	defer b.mu.Unlock()
	n.done += done
	if b.bar != nil {
		b.draw()
		_ = b.bar.Add(done)
	}
}

// end takes the thing off the line.
func (n *bar) end() {
	b := n.board
	b.mu.Lock()
	defer b.mu.Unlock()
	b.bars = slices.DeleteFunc(b.bars, func(o *bar) bool { return o == n })
	b.draw()
}

// end clears the line.
func (b *board) end() {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.bar != nil {
		_ = b.bar.Finish()
	}
}

func (b *board) draw() {
	if b.bar != nil {
		b.bar.Describe(b.line())
	}
}

// line is "acme outbound 120, beta followup", cut to the width.
func (b *board) line() string {
	parts := make([]string, len(b.bars))
	for i, n := range b.bars {
		parts[i] = n.what
		if n.done > 0 {
			parts[i] = fmt.Sprintf("%s %d", n.what, n.done)
		}
	}
	return short(strings.Join(parts, ", "), b.width)
}
