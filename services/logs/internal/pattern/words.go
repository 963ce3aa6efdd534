package pattern

import (
	"strings"
	"unicode"
)

// maxWords is the number of different words at one place of a template up to
// which they are part of it: "order paid" and "order refused" say different
// things, while a place with many words holds names.
const maxWords = 4

// words gives the places of the template where its texts have few words, as
// IPLoM partitions (Makanju, Zincir-Heywood, Milios: "Clustering Event Logs Using
// Iterative Partitioning", KDD 2009).
func (c *cluster) words() []int {
	var kept []int
	for i, token := range c.tokens {
		if token == wildcard && c.fewWords(i) {
			kept = append(kept, i)
		}
	}
	return kept
}

func (c *cluster) fewWords(place int) bool {
	seen := map[string]struct{}{}
	for _, text := range c.texts {
		token := strings.Split(text, " ")[place]
		if seen[token] = struct{}{}; len(seen) > maxWords || !isWord(token) {
			return false
		}
	}
	return true
}

// isWord tells letters, with what may stand behind a word, from all else.
func isWord(token string) bool {
	token = strings.TrimRight(token, ".,;:!?")
	return token != "" && strings.IndexFunc(token, func(r rune) bool { return !unicode.IsLetter(r) }) < 0
}

// template of one text: that of all, with the words of the text.
func (c *cluster) template(text string, kept []int) string {
	if len(kept) == 0 {
		return strings.Join(c.tokens, " ")
	}
	tokens, own := make([]string, len(c.tokens)), strings.Split(text, " ")
	copy(tokens, c.tokens)
	for _, i := range kept {
		tokens[i] = own[i]
	}
	return strings.Join(tokens, " ")
}
