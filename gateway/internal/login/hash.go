package login

import (
	"bufio"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"golang.org/x/crypto/argon2"
)

const (
	// maxPassword bounds a password in bytes.
	maxPassword = 1024
	saltSize    = 16
	keySize     = 32
)

var errHash = errors.New("want an argon2id hash in PHC form ($argon2id$v=19$m=..,t=..,p=..$salt$hash)")

// cost is the work of one argon2id hash: memory in KiB, passes, lanes.
type cost struct {
	memory, passes uint32
	lanes          uint8
}

// usual is OWASP's second choice: 19 MiB, so that some logins at once do not
// empty a small machine.
func usual() cost { return cost{memory: 19 * 1024, passes: 2, lanes: 1} }

// bound keeps a hash in the configuration from costing a login gigabytes or
// minutes.
func (c cost) bound() bool {
	return c.memory >= 8*uint32(c.lanes) && c.memory <= 256*1024 && c.passes >= 1 && c.passes <= 16 && c.lanes >= 1 && c.lanes <= 16
}

// work orders costs by how long they take.
func (c cost) work() uint64 { return uint64(c.memory) * uint64(c.passes) }

// hash is one parsed password hash.
type hash struct {
	cost
	salt, key []byte
}

func newHash(password string, c cost, random io.Reader) (hash, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return hash{}, fmt.Errorf("read random salt: %w", err)
	}
	return hash{c, salt, derive(password, c, salt, keySize)}, nil
}

func derive(password string, c cost, salt []byte, size int) []byte {
	return argon2.IDKey([]byte(password), salt, c.passes, c.memory, c.lanes, uint32(size))
}

func (h hash) matches(password string) bool {
	return subtle.ConstantTimeCompare(h.key, derive(password, h.cost, h.salt, len(h.key))) == 1
}

// String gives the PHC form.
func (h hash) String() string {
	b64 := base64.RawStdEncoding
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s", argon2.Version, h.memory, h.passes, h.lanes,
		b64.EncodeToString(h.salt), b64.EncodeToString(h.key))
}

// parseHash reads the PHC form.
func parseHash(text string) (hash, error) {
	parts := strings.Split(text, "$")
	if len(parts) != 6 || parts[0] != "" || parts[1] != "argon2id" || parts[2] != "v="+strconv.Itoa(argon2.Version) {
		return hash{}, errHash
	}
	c, err := parseCost(parts[3])
	if err != nil {
		return hash{}, err
	}
	salt, errSalt := base64.RawStdEncoding.Strict().DecodeString(parts[4])
	key, errKey := base64.RawStdEncoding.Strict().DecodeString(parts[5])
	if errors.Join(errSalt, errKey) != nil || len(salt) < 8 || len(salt) > 64 || len(key) < 16 || len(key) > 64 {
		return hash{}, errHash
	}
	return hash{c, salt, key}, nil
}

func parseCost(text string) (cost, error) {
	fields := strings.Split(text, ",")
	if len(fields) != 3 {
		return cost{}, errHash
	}
	memory, err1 := parseField(fields[0], "m=", 32)
	passes, err2 := parseField(fields[1], "t=", 32)
	lanes, err3 := parseField(fields[2], "p=", 8)
	c := cost{uint32(memory), uint32(passes), uint8(lanes)}
	if errors.Join(err1, err2, err3) != nil || !c.bound() {
		return cost{}, errHash
	}
	return c, nil
}

func parseField(text, name string, bits int) (uint64, error) {
	digits, ok := strings.CutPrefix(text, name)
	if !ok || digits == "" || digits[0] == '+' || digits[0] == '0' {
		return 0, errHash
	}
	return strconv.ParseUint(digits, 10, bits)
}

// HashPassword reads one line from in and writes its argon2id hash to out: the
// work of the `hash-password` subcommand. random is the source of the salt.
func HashPassword(in io.Reader, out io.Writer, random io.Reader) error {
	line, err := bufio.NewReader(io.LimitReader(in, maxPassword+2)).ReadString('\n')
	if err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read password: %w", err)
	}
	password := strings.TrimRight(line, "\r\n")
	if password == "" || len(password) > maxPassword {
		return fmt.Errorf("a password has 1 to %d bytes; give it as one line on standard input", maxPassword)
	}
	h, err := newHash(password, usual(), random)
	if err != nil {
		return err
	}
	_, err = fmt.Fprintln(out, h)
	return err
}
