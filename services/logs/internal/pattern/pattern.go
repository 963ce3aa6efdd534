// Package pattern groups log messages by the template that wrote them. It is
// Drain (He, Zhu, Zheng, Lyu: "Drain: An Online Log Parsing Approach with Fixed
// Depth Tree", ICWS 2017) with masking of typed values, in two passes: rows are
// first counted by their masked text, exactly; the tree then sees every distinct
// text once, in the order of the alphabet. So the templates do not depend on the
// order in which rows come, and equal rows give equal ids on every replica, as
// long as the bound on texts is not reached.
package pattern

import (
	"time"
)

// Group tells two sets of rows apart that share their templates.
type Group int

// The groups: the rows in question, and those to compare them with. Times,
// samples, services and levels are of the first only.
const (
	Asked Group = iota
	Compared
	groups
)

// Row is what is looked at of a log row.
type Row struct {
	// Message is the text; empty ones are counted as well.
	Message string
	// Service and Level, if the row has them.
	Service, Level string
	// Time of the row; zero when unknown.
	Time time.Time
}

// Value is one value with the number of its rows.
type Value struct {
	Key   string
	Count uint64
}

// Pattern is one template.
type Pattern struct {
	// ID is the hash of the template.
	ID string
	// Template with <*> and typed places such as <num>.
	Template string
	// Count of rows by group.
	Count [groups]uint64
	// First and Last are the times of the oldest and newest row asked for.
	First, Last time.Time
	// Sample is the message of the newest row, cut to two kilobytes.
	Sample string
	// Services and Levels that wrote it, most rows first.
	Services, Levels []Value
}

// Result is what was found.
type Result struct {
	// Patterns with most rows first.
	Patterns []Pattern
	// Rows that were added, by group.
	Rows [groups]uint64
	// Dropped counts distinct texts that were given up to stay within bounds.
	Dropped int
}

// Limits bound a Miner.
type Limits struct {
	// Texts is the most distinct masked texts that are held; 0 means 5,000.
	Texts int
	// Children is the most branches of one node; 0 means 100.
	Children int
	// Similarity is the least share of equal tokens, 0 to 1, at which a message
	// joins a template; 0 means 0.5.
	Similarity float64
}

func (l Limits) orDefault() Limits {
	if l.Texts <= 0 {
		l.Texts = 5000
	}
	if l.Children <= 0 {
		l.Children = 100
	}
	if l.Similarity <= 0 {
		l.Similarity = 0.5
	}
	return l
}
