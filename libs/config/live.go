package config

import (
	"crypto/sha256"
	"errors"
	"reflect"
	"sync"
	"sync/atomic"
	"time"
)

// Live holds the configuration in force and replaces it when its file
// changes. A file that does not load changes nothing.
type Live[C any] struct {
	current  atomic.Pointer[C]
	defaults C
	options  Options

	// seen is the hash of the file's content when it was last read.
	seen [sha256.Size]byte

	mu     sync.Mutex
	status Status
	apply  []func(C)
}

// Status tells which configuration is in force.
type Status struct {
	// File that was read; empty when there is none.
	File string
	// Loaded is when the configuration in force was read.
	Loaded time.Time
	// Err of the newest reload, nil when it was good.
	Err error
	// Changed lists the keys that the newest reload changed.
	Changed []string
	// Restart lists the keys whose new value waits for a restart.
	Restart []string
}

// Open loads a C and keeps what a reload needs.
func Open[C any](defaults C, o Options) (*Live[C], error) {
	// Hashed before it is read: a change in between is then seen by Watch.
	named, _ := Find(o)
	seen := contentHash(named)
	c, file, err := load(defaults, o)
	if err != nil {
		return nil, err
	}
	l := &Live[C]{defaults: defaults, options: o, seen: seen, status: Status{File: file, Loaded: time.Now()}}
	l.current.Store(&c)
	return l, nil
}

// Current returns the configuration in force; it must not be changed.
func (l *Live[C]) Current() *C { return l.current.Load() }

// OnChange registers a function that is called, one at a time, with each new
// configuration after it came into force. It must not call back.
func (l *Live[C]) OnChange(apply func(C)) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.apply = append(l.apply, apply)
}

// Status returns which configuration is in force and how the newest reload went.
func (l *Live[C]) Status() Status {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.status
}

// Reload reads the configuration anew. Fields that may be reloaded take their
// new value together; the others are only reported. On an error the
// configuration in force stays.
func (l *Live[C]) Reload() Status {
	read, file, err := load(l.defaults, l.options)
	l.mu.Lock()
	defer l.mu.Unlock()
	merged, changed, restart := l.merge(read)
	if err == nil {
		err = errors.Join(check(&merged, l.options.Service)...)
	}
	if err != nil {
		l.status.Err, l.status.Changed = err, nil
		return l.status
	}
	l.status = Status{File: file, Loaded: time.Now(), Changed: changed, Restart: restart}
	if len(changed) > 0 {
		l.current.Store(&merged)
		for _, apply := range l.apply {
			apply(merged)
		}
	}
	return l.status
}

// merge takes the reloadable fields of read into a copy of what is in force.
func (l *Live[C]) merge(read C) (merged C, changed, restart []string) {
	merged = *l.current.Load()
	// The type was checked when the configuration was opened.
	fields, _ := fieldsOf(reflect.TypeOf(read), l.options.Service)
	to, from := reflect.ValueOf(&merged).Elem(), reflect.ValueOf(read)
	for _, f := range fields {
		switch {
		case reflect.DeepEqual(f.in(to).Interface(), f.in(from).Interface()):
		case f.reload:
			f.in(to).Set(f.in(from))
			changed = append(changed, f.path)
		default:
			restart = append(restart, f.path)
		}
	}
	return merged, changed, restart
}
