package ranking

import (
	"cmp"
	"math"
	"slices"
)

// The usual constants of BM25, what a word counts by where it stands, and what
// a synonym counts beside the word itself.
const (
	saturation = 1.2
	flattening = 0.75

	nameWeight    = 3
	tagWeight     = 2
	synonymWeight = 0.6

	// maxWords of one question are looked at.
	maxWords = 32
)

// Text is what is known of a document.
type Text struct {
	Name string
	Tags []string
	// Other holds descriptions and the like.
	Other []string
}

// Hit is a document that fits.
type Hit[K any] struct {
	Key K
	// Score is positive; more is better.
	Score float64
}

// Index ranks documents (Robertson, Zaragoza: The Probabilistic Relevance
// Framework, 2009; words are weighted by field before saturation). It is not
// safe for concurrent use.
type Index[K comparable] struct {
	compare func(a, b K) int
	ids     map[K]int32
	docs    []document[K]
	words   map[string][]posting
	live    int
	length  float64
}

type document[K any] struct {
	key    K
	length float32
	live   bool
}

type posting struct {
	doc    int32
	weight float32
}

// New returns an empty index; compare orders documents of equal score.
func New[K comparable](compare func(a, b K) int) *Index[K] {
	return &Index[K]{compare: compare, ids: map[K]int32{}, words: map[string][]posting{}}
}

// Len is the number of documents.
func (x *Index[K]) Len() int { return x.live }

// Put adds a document, in place of the one of the same key.
func (x *Index[K]) Put(key K, t Text) {
	x.Remove(key)
	weights := weigh(t)
	id := int32(len(x.docs)) //nolint:gosec // far fewer documents than that
	var length float32
	for word, w := range weights {
		x.words[word] = append(x.words[word], posting{id, w})
		length += w
	}
	x.ids[key] = id
	x.docs = append(x.docs, document[K]{key, length, true})
	x.live++
	x.length += float64(length)
}

func weigh(t Text) map[string]float32 {
	weights := map[string]float32{}
	add := func(text string, weight float32) {
		for _, w := range Words(text) {
			weights[w] += weight
		}
	}
	add(t.Name, nameWeight)
	for _, tag := range t.Tags {
		add(tag, tagWeight)
	}
	for _, text := range t.Other {
		add(text, 1)
	}
	return weights
}

// Remove takes a document away, if it is there.
func (x *Index[K]) Remove(key K) {
	id, ok := x.ids[key]
	if !ok {
		return
	}
	delete(x.ids, key)
	x.docs[id].live = false
	x.live--
	x.length -= float64(x.docs[id].length)
	if dead := len(x.docs) - x.live; dead > 64 && dead > x.live {
		x.sweep()
	}
}

// sweep forgets removed documents.
func (x *Index[K]) sweep() {
	moved := make([]int32, len(x.docs))
	docs := make([]document[K], 0, x.live)
	for id, d := range x.docs {
		if moved[id] = -1; d.live {
			moved[id] = int32(len(docs)) //nolint:gosec // far fewer documents than that
			x.ids[d.key] = moved[id]
			docs = append(docs, d)
		}
	}
	x.docs = docs
	for word, list := range x.words {
		var kept []posting
		for _, p := range list {
			if moved[p.doc] >= 0 {
				kept = append(kept, posting{moved[p.doc], p.weight})
			}
		}
		if x.words[word] = kept; kept == nil {
			delete(x.words, word)
		}
	}
}

// Search ranks the documents that fit a question, best first, at most limit of
// those that keep lets through.
func (x *Index[K]) Search(question string, limit int, keep func(K) bool) []Hit[K] {
	var all, one scores
	for _, word := range distinct(Words(question)) {
		one.reset(len(x.docs))
		x.word(&one, word)
		all.grow(len(x.docs))
		for _, doc := range one.docs {
			all.add(doc, all.of[doc]+one.of[doc])
		}
	}
	var best []Hit[K]
	for _, doc := range all.docs {
		if len(best) == limit && all.of[doc] < best[limit-1].Score {
			continue
		}
		if key := x.docs[doc].key; keep(key) {
			best = x.insert(best, Hit[K]{key, all.of[doc]}, limit)
		}
	}
	return best
}

// insert keeps the best hits in order.
func (x *Index[K]) insert(best []Hit[K], h Hit[K], limit int) []Hit[K] {
	at, _ := slices.BinarySearchFunc(best, h, func(a, b Hit[K]) int {
		return cmp.Or(cmp.Compare(b.Score, a.Score), x.compare(a.Key, b.Key))
	})
	best = slices.Insert(best, at, h)
	return best[:min(limit, len(best))]
}

// word scores documents for one word: by itself or by its best synonym. How
// rare the meaning is counts, however it is called.
func (x *Index[K]) word(s *scores, word string) {
	x.score(s, word, 1)
	for _, other := range Synonyms(word) {
		x.score(s, other, synonymWeight)
	}
	holders := float64(len(s.docs))
	rarity := math.Log(1 + (float64(x.live)-holders+0.5)/(holders+0.5))
	for _, doc := range s.docs {
		s.of[doc] *= rarity
	}
}

func (x *Index[K]) score(s *scores, word string, weight float64) {
	for _, p := range x.words[word] {
		d := &x.docs[p.doc]
		if !d.live {
			continue
		}
		norm := 1 - flattening + flattening*float64(d.length)*float64(x.live)/x.length
		tf := float64(p.weight)
		s.add(p.doc, max(s.of[p.doc], weight*tf*(saturation+1)/(tf+saturation*norm)))
	}
}

func distinct(words []string) []string {
	var out []string
	for _, w := range words {
		if !slices.Contains(out, w) && len(out) < maxWords {
			out = append(out, w)
		}
	}
	return out
}
