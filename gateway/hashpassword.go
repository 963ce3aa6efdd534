package main

import (
	"crypto/rand"
	"fmt"
	"os"

	"github.com/platformbuilds/mirador-core/gateway/internal/login"
)

// hashPassword is the subcommand that turns a password on standard input into
// the `password_hash` of a local user. It needs no configuration, so it runs
// before anything is read, and ends the process.
func hashPassword(args []string) {
	if len(args) != 1 || args[0] != "hash-password" {
		return
	}
	if err := login.HashPassword(os.Stdin, os.Stdout, rand.Reader); err != nil {
		fmt.Fprintln(os.Stderr, "hash-password:", err)
		os.Exit(1)
	}
	os.Exit(0)
}
