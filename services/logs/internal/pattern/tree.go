package pattern

import "strings"

// wildcard stands for a token that differs.
const wildcard = "<*>"

// levels of the tree that look at tokens, below the one that looks at their
// number: Drain's depth of 4.
const levels = 2

// tree is Drain's: by number of tokens, then by the first tokens, then a list
// of templates.
type tree struct {
	limits Limits
	roots  map[int]*node
	all    []*cluster
}

type node struct {
	children map[string]*node
	leaves   []*cluster
}

// cluster is one template with the texts that it stands for.
type cluster struct {
	tokens []string
	texts  []string
}

func newTree(limits Limits) *tree { return &tree{limits: limits, roots: map[int]*node{}} }

// place finds the template for the tokens, or makes one; the template then has
// a wildcard wherever the tokens differ.
func (t *tree) place(tokens []string) *cluster {
	leaf := t.leaf(tokens)
	c := t.best(leaf.leaves, tokens)
	if c == nil {
		c = &cluster{tokens: tokens}
		leaf.leaves = append(leaf.leaves, c)
		t.all = append(t.all, c)
		return c
	}
	for i, token := range tokens {
		if c.tokens[i] != token {
			c.tokens[i] = wildcard
		}
	}
	return c
}

func (t *tree) leaf(tokens []string) *node {
	n := t.roots[len(tokens)]
	if n == nil {
		n = &node{children: map[string]*node{}}
		t.roots[len(tokens)] = n
	}
	for i := 0; i < levels && i < len(tokens); i++ {
		n = t.child(n, tokens[i])
	}
	return n
}

// child branches by the token; one with digits varies by experience, and a node
// with too many branches takes the rest as varying too.
func (t *tree) child(n *node, token string) *node {
	if strings.ContainsAny(token, "0123456789") {
		token = wildcard
	}
	if c := n.children[token]; c != nil {
		return c
	}
	if len(n.children) >= t.limits.Children {
		token = wildcard
	}
	c := n.children[token]
	if c == nil {
		c = &node{children: map[string]*node{}}
		n.children[token] = c
	}
	return c
}

// best is the most similar template, the one with more wildcards among equals;
// nil when none is similar enough.
func (t *tree) best(from []*cluster, tokens []string) *cluster {
	var found *cluster
	most, wild := -1, -1
	for _, c := range from {
		same, loose := similar(c.tokens, tokens)
		if same > most || same == most && loose > wild {
			found, most, wild = c, same, loose
		}
	}
	if found == nil || float64(most) < t.limits.Similarity*float64(len(tokens)) {
		return nil
	}
	return found
}

// similar counts equal tokens and wildcards; a wildcard is not equal.
func similar(template, tokens []string) (same, wild int) {
	for i, token := range template {
		switch token {
		case wildcard:
			wild++
		case tokens[i]:
			same++
		}
	}
	return same, wild
}
