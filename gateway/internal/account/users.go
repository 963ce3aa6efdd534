package account

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode"
)

// maxName bounds a user name in bytes.
const maxName = 128

// UserConfig is one local user of the configuration: for development, and to
// get in when the directory is away.
type UserConfig struct {
	// Name to log in with, unique over all tenants.
	Name string `key:"name" doc:"name to log in with, unique over all tenants"`
	// Tenant that the user belongs to.
	Tenant string `key:"tenant" doc:"tenant of the user"`
	// Roles granted.
	Roles []string `key:"roles" doc:"roles of the user"`
	// PasswordHash is an argon2id hash in PHC form; `hash-password` makes one.
	PasswordHash string `key:"password_hash" secret:"true" doc:"argon2id hash in PHC form; hash-password makes one"`
	// Email and FullName are shown to the user.
	Email    string `key:"email" doc:"e-mail address shown to the user"`
	FullName string `key:"full_name" doc:"name shown to the user"`
}

// User is one local user.
type User struct {
	// ID within the tenant; the name.
	ID string
	// Tenant of the user.
	Tenant string
	// Roles granted, sorted.
	Roles []string
	// PasswordHash in PHC form.
	PasswordHash string
	// Email and FullName are shown, never decided upon.
	Email, FullName string
}

// Users is the immutable list of local users.
type Users struct {
	byName map[string]User
}

// NewUsers checks the list: names present, well-formed and unique, tenants
// known, roles present. All faults are reported together.
func NewUsers(list []UserConfig, tenants *Tenants) (*Users, error) {
	u := &Users{byName: make(map[string]User, len(list))}
	var faults []error
	for _, c := range list {
		if err := u.add(c, tenants); err != nil {
			faults = append(faults, fmt.Errorf("auth.users: %w", err))
		}
	}
	return u, errors.Join(faults...)
}

// Find gives the user of that name, if there is one.
func (u *Users) Find(name string) (User, bool) {
	user, ok := u.byName[name]
	return user, ok
}

// All lists the users by name.
func (u *Users) All() []User {
	all := make([]User, 0, len(u.byName))
	for _, user := range u.byName {
		all = append(all, user)
	}
	slices.SortFunc(all, func(a, b User) int { return strings.Compare(a.ID, b.ID) })
	return all
}

func (u *Users) add(c UserConfig, tenants *Tenants) error {
	if !ValidName(c.Name) {
		return fmt.Errorf("name %q must be 1 to %d printable characters", c.Name, maxName)
	}
	if _, ok := u.byName[c.Name]; ok {
		return fmt.Errorf("%q is listed twice", c.Name)
	}
	if _, ok := tenants.Find(c.Tenant); !ok {
		return fmt.Errorf("%q belongs to the unknown tenant %q", c.Name, c.Tenant)
	}
	if len(c.Roles) == 0 {
		return fmt.Errorf("%q has no roles", c.Name)
	}
	roles := slices.Clone(c.Roles)
	slices.Sort(roles)
	u.byName[c.Name] = User{c.Name, c.Tenant, slices.Compact(roles), c.PasswordHash, c.Email, c.FullName}
	return nil
}

// ValidName tells whether a text may be a user name: printable, not blank at
// its ends, at most 128 bytes.
func ValidName(name string) bool {
	if name == "" || len(name) > maxName || strings.TrimSpace(name) != name {
		return false
	}
	return !strings.ContainsFunc(name, func(r rune) bool { return !unicode.IsPrint(r) })
}
