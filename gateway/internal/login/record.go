package login

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/gateway/internal/account"
	"github.com/platformbuilds/mirador-core/libs/cache"
)

// UserSession is a session in the shape of the contract. ID is its public
// handle: it stays the same when the secret session id is renewed, access
// tokens name it as `sid`, and it is no credential.
type UserSession struct {
	ID           string         `json:"id"`
	UserID       string         `json:"user_id"`
	TenantID     string         `json:"tenant_id"`
	Roles        []string       `json:"roles"`
	CreatedAt    time.Time      `json:"created_at"`
	LastActivity time.Time      `json:"last_activity"`
	UserSettings map[string]any `json:"user_settings"`
	IPAddress    string         `json:"ip_address"`
	UserAgent    string         `json:"user_agent"`
}

// record is what lies in the store. Key repeats where it lies, so that a value
// in the wrong place is not believed.
type record struct {
	UserSession
	Key     string    `json:"key"`
	Expires time.Time `json:"expires"`
}

// spent is what stays of a renewed id: enough to end its successors.
type spent struct {
	Handle, Tenant, User string
	At                   time.Time
}

// WellFormed tells whether a text has the form of a session id: 64 lower-case
// hexadecimal digits. Nothing else ever touches a key.
func WellFormed(id string) bool {
	if len(id) != 2*idSize {
		return false
	}
	return strings.Trim(id, "0123456789abcdef") == ""
}

func (r record) encode() []byte {
	b, err := json.Marshal(r)
	if err != nil {
		return nil
	}
	return b
}

func sessionKey(id string) string {
	sum := sha256.Sum256([]byte(id))
	return cache.Key("session", hex.EncodeToString(sum[:]))
}

func spentKey(id string) string      { return cache.Hashed("session_spent", id) }
func handleKey(handle string) string { return cache.Hashed("session_handle", handle) }

func tenantIndex(tenant string) string     { return cache.Key("tenant_sessions", tenant) }
func userIndex(tenant, user string) string { return cache.Key("user_sessions", tenant, user) }

func settings(user account.User) map[string]any {
	m := map[string]any{}
	if user.Email != "" {
		m["email"] = user.Email
	}
	if user.FullName != "" {
		m["full_name"] = user.FullName
	}
	return m
}

// clip bounds what a client can make us keep.
func clip(agent string) string { return agent[:min(len(agent), 256)] }
