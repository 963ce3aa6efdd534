// Package api drives the running system through its public API.
package api

import (
	"fmt"
	"os"
	"testing"

	"go.uber.org/goleak"

	"github.com/platformbuilds/mirador-core/e2e/client"
	"github.com/platformbuilds/mirador-core/e2e/stack"
)

// The one stack of this package and a client per user of the demo.
var (
	running                              *stack.Stack
	admin, editor, viewer, other, nobody *client.Client
)

func TestMain(m *testing.M) { os.Exit(run(m)) }

func run(m *testing.M) int {
	dir, err := os.MkdirTemp("", "mirador-e2e-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	if running, err = stack.Start(dir); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	code := 1
	if err = users(); err == nil {
		code = m.Run()
		closeUsers()
	}
	if stopped := running.Stop(); stopped != nil {
		err = stopped
	}
	if err == nil {
		err = goleak.Find()
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		code = 1
	}
	return code
}

func closeUsers() {
	for _, c := range []*client.Client{admin, editor, viewer, other, nobody} {
		c.Close()
	}
}

// users makes a client per demo user.
func users() error {
	base, err := running.Env("MIRADOR_URL")
	if err != nil {
		return err
	}
	nobody = client.New(base, "")
	for variable, c := range map[string]**client.Client{
		"MIRADOR_ADMIN_TOKEN": &admin, "MIRADOR_EDITOR_TOKEN": &editor,
		"MIRADOR_VIEWER_TOKEN": &viewer, "MIRADOR_OTHER_TOKEN": &other,
	} {
		token, err := running.Env(variable)
		if err != nil {
			return err
		}
		*c = client.New(base, token)
	}
	return nil
}
