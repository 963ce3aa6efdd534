package relay

import (
	"cmp"
	"context"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/api/httpbody"
	"google.golang.org/grpc"
	"google.golang.org/grpc/metadata"

	"github.com/platformbuilds/mirador-core/libs/rpc"
)

// script is a call in memory whose messages a test lets through one by one.
type script struct {
	grpc.ClientStream
	ctx     context.Context
	steps   chan string
	trailer metadata.MD
	length  string
	// word of the service about its own cache; empty means miss.
	word string
}

func (s *script) Header() (metadata.MD, error) {
	return metadata.Pairs(rpc.KeyCache, cmp.Or(s.word, "miss"), rpc.KeyLength, s.length), nil
}

func (s *script) Trailer() metadata.MD { return s.trailer }

func (s *script) Recv() (*httpbody.HttpBody, error) {
	select {
	case <-s.ctx.Done():
		return nil, s.ctx.Err()
	case step, more := <-s.steps:
		if !more {
			return nil, io.EOF
		}
		if step == "break" {
			return nil, errors.New("gone")
		}
		return &httpbody.HttpBody{ContentType: "application/json", Data: []byte(step)}, nil
	}
}

func newScript() *script {
	return &script{steps: make(chan string), trailer: metadata.Pairs(rpc.KeyCacheTTL, "60000")}
}

func (s *script) call(ctx context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
	s.ctx = ctx
	return s, nil
}

func forbidden(context.Context) (grpc.ServerStreamingClient[httpbody.HttpBody], error) {
	return nil, errors.New("a second call was made")
}

// fetched is the outcome of one Fetch, read to its end.
type fetched struct {
	text  string
	cache Cache
	err   error
}

// start fetches in the background and returns when the fetch waits.
func start(ctx context.Context, r *Relay, call Call) <-chan fetched {
	done := make(chan fetched, 1)
	go func() { done <- read(ctx, r, call) }()
	synctest.Wait()
	return done
}

func read(ctx context.Context, r *Relay, call Call) fetched {
	a, err := r.Fetch(ctx, testKey(), call)
	if err != nil {
		return fetched{err: err}
	}
	defer a.Close()
	var text strings.Builder
	_, err = a.WriteTo(&text)
	return fetched{text.String(), a.Cache, err}
}

func TestFollowersShareOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := New(Options{}), newScript()
		leader := start(t.Context(), r, s.call)
		var followers []<-chan fetched
		for range 5 {
			followers = append(followers, start(t.Context(), r, forbidden))
		}
		s.steps <- "one "
		s.steps <- "two"
		close(s.steps)
		if got := <-leader; got != (fetched{"one two", Miss, nil}) {
			t.Errorf("leader got %+v", got)
		}
		for _, f := range followers {
			if got := <-f; got != (fetched{"one two", Hit, nil}) {
				t.Errorf("follower got %+v", got)
			}
		}
	})
}

func TestLeaderLeaves(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, first, second := New(Options{}), newScript(), newScript()
		ctx, cancel := context.WithCancel(t.Context())
		leader := start(ctx, r, first.call)
		follower := start(t.Context(), r, second.call)
		third := start(t.Context(), r, second.call)
		first.steps <- "half"
		cancel()
		if got := <-leader; !errors.Is(got.err, context.Canceled) {
			t.Errorf("leader got %+v", got)
		}
		second.steps <- "whole"
		close(second.steps)
		a, b := <-follower, <-third
		if a.text != "whole" || b.text != "whole" || a.cache == b.cache {
			t.Errorf("followers got %+v and %+v", a, b)
		}
	})
}

func TestFollowersOfABrokenCallGoOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, first := New(Options{}), newScript()
		leader := start(t.Context(), r, first.call)
		scripts := []*script{newScript(), newScript()}
		var followers []<-chan fetched
		for _, s := range scripts {
			followers = append(followers, start(t.Context(), r, s.call))
		}
		first.steps <- "break"
		if got := <-leader; got.err == nil {
			t.Errorf("leader got %+v", got)
		}
		synctest.Wait() // Both are on their own way before one has stored its answer.
		for i, s := range scripts {
			s.steps <- "own"
			close(s.steps)
			if got := <-followers[i]; got.text != "own" || got.err != nil {
				t.Errorf("follower got %+v", got)
			}
		}
	})
}

func TestFollowersDoNotWaitForASlowClient(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, first, second := New(Options{FollowStream: time.Second}), newScript(), newScript()
		leader := start(t.Context(), r, first.call)
		follower := start(t.Context(), r, second.call)
		time.Sleep(time.Minute) // A slow back end is waited for.
		first.steps <- "slowly "
		time.Sleep(2 * time.Second)
		second.steps <- "own"
		close(second.steps)
		if got := <-follower; got.text != "own" {
			t.Errorf("follower got %+v", got)
		}
		close(first.steps)
		if got := <-leader; got.text != "slowly " {
			t.Errorf("leader got %+v", got)
		}
	})
}

func TestFollowerHasItsOwnDeadline(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, s := New(Options{}), newScript()
		leader := start(t.Context(), r, s.call)
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		if got := <-start(ctx, r, forbidden); !errors.Is(got.err, context.DeadlineExceeded) {
			t.Errorf("follower got %+v", got)
		}
		close(s.steps)
		<-leader
	})
}

func TestManyClientsAtOnce(t *testing.T) {
	s, r := serve(t, body{data: strings.Repeat("x", 300<<10), ttl: 60_000, cache: "miss"}.send), New(Options{TeeBudget: 1 << 20})
	results := make(chan fetched)
	for range 24 {
		go func() { results <- read(within(t), r, s.call) }()
	}
	for range 24 {
		if got := <-results; got.err != nil || len(got.text) < 300<<10 {
			t.Errorf("%d bytes, error %v", len(got.text), got.err)
		}
	}
	if r.budget.Used() != 0 {
		t.Errorf("%d bytes of the budget left", r.budget.Used())
	}
}

// Nobody waits for an answer that the service will not have stored, however
// slowly it streams.
func TestBypassIsHeeded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		r, first, second := New(Options{}), newScript(), newScript()
		first.word, second.word = "bypass", "bypass"
		key := testKey()
		key.Heed = true
		fetch := func(s *script) (*Answer, error) {
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			t.Cleanup(cancel)
			return r.Fetch(ctx, key, s.call)
		}
		begun := make(chan *Answer, 2)
		for _, s := range []*script{first, second} {
			go func() {
				a, err := fetch(s)
				if err != nil {
					t.Error(err)
				}
				begun <- a
			}()
			synctest.Wait()
		}
		first.steps <- "a"
		a := <-begun
		second.steps <- "b"
		b := <-begun
		if a.Cache != Bypass || b.Cache != Bypass || r.budget.Used() != 0 {
			t.Errorf("%s, %s, %d bytes of the budget", a.Cache, b.Cache, r.budget.Used())
		}
		for s, answer := range map[*script]*Answer{first: a, second: b} {
			close(s.steps)
			if _, err := answer.WriteTo(io.Discard); err != nil {
				t.Error(err)
			}
			answer.Close()
		}
		if _, hit := r.lookup("demo", r.digest(key.appendText(nil)), key.appendText(nil)); hit {
			t.Error("it was stored")
		}
	})
}
