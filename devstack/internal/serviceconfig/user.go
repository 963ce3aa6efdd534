// Package serviceconfig makes the configuration of the demo's services: one
// file for all of them, their users, and the keys they trust each other by.
package serviceconfig

import (
	"crypto/rand"
	"encoding/base64"
	"fmt"

	"golang.org/x/crypto/argon2"
)

// User is somebody who may log in to the demo.
type User struct {
	Name     string
	Password string
	Tenant   string
	Role     string
}

// The users by what they are for.
const (
	Admin  = "admin"
	Viewer = "viewer"
	Editor = "editor"
	Other  = "other-viewer"
)

// Users lists the users of the demo. Their passwords are public: the demo
// listens on loopback only.
func Users() []User {
	return []User{
		{Name: Admin, Password: "admin-demo", Tenant: "demo", Role: "admin"},
		{Name: Editor, Password: "editor-demo", Tenant: "demo", Role: "editor"},
		{Name: Viewer, Password: "viewer-demo", Tenant: "demo", Role: "viewer"},
		{Name: Other, Password: "other-demo", Tenant: "other", Role: "viewer"},
	}
}

// Find returns the user of that name; the zero user when there is none.
func Find(name string) User {
	for _, user := range Users() {
		if user.Name == name {
			return user
		}
	}
	return User{}
}

// The cost of a hash: 19 MiB and two passes, as the gateway's own.
const (
	memory = 19 * 1024
	passes = 2
	lanes  = 1
	size   = 32
)

// Hash returns the argon2id hash of the user's password in PHC form.
func (u User) Hash() string {
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // never fails, says crypto/rand
	key := argon2.IDKey([]byte(u.Password), salt, passes, memory, lanes, size)
	text := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, memory, passes, lanes, text(salt), text(key))
}
