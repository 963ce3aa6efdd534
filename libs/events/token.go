package events

import (
	"errors"
	"fmt"
)

// maxToken bounds the text that goes into one part of a subject or key.
const maxToken = 1024

// emptyToken stands for the empty text: NATS has no empty tokens, and no other
// text is encoded so because "=" is always followed by two digits.
const emptyToken = "="

var errToken = errors.New("not an encoded token")

// Encode turns any text of up to 1024 bytes into one token that is safe in
// subjects and bucket keys: letters, digits, '-' and '_' stay, every other
// byte becomes '=' and two hexadecimal digits. Different texts give different
// tokens. Longer text is an error.
func Encode(text string) (string, error) {
	if len(text) > maxToken {
		return "", fmt.Errorf("encode token: %d bytes are more than %d", len(text), maxToken)
	}
	if text == "" {
		return emptyToken, nil
	}
	for i := range len(text) {
		if !plain(text[i]) {
			return escape(text, i), nil
		}
	}
	return text, nil
}

func escape(text string, from int) string {
	const digits = "0123456789ABCDEF"
	out := make([]byte, from, len(text)+16)
	copy(out, text)
	for i := from; i < len(text); i++ {
		if b := text[i]; plain(b) {
			out = append(out, b)
		} else {
			out = append(out, '=', digits[b>>4], digits[b&15])
		}
	}
	return string(out)
}

// Decode gives back the text of a token. It accepts only what Encode writes,
// so one text has one token.
func Decode(token string) (string, error) {
	if token == emptyToken {
		return "", nil
	}
	out := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		b, width, ok := decodeByte(token[i:])
		if !ok {
			return "", fmt.Errorf("decode %q: %w", token, errToken)
		}
		out = append(out, b)
		i += width - 1
	}
	if len(out) == 0 || len(out) > maxToken {
		return "", fmt.Errorf("decode token of %d bytes: %w", len(out), errToken)
	}
	return string(out), nil
}

func decodeByte(s string) (b byte, width int, ok bool) {
	if s[0] != '=' {
		return s[0], 1, plain(s[0])
	}
	if len(s) < 3 {
		return 0, 0, false
	}
	hi, lo := hexDigit(s[1]), hexDigit(s[2])
	if hi > 15 || lo > 15 {
		return 0, 0, false
	}
	b = hi<<4 | lo
	return b, 3, !plain(b)
}

func hexDigit(b byte) byte {
	switch {
	case '0' <= b && b <= '9':
		return b - '0'
	case 'A' <= b && b <= 'F':
		return b - 'A' + 10
	}
	return 255
}

func plain(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b == '-' || b == '_'
}
