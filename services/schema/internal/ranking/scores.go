package ranking

// scores of documents by their place; docs lists those that have one.
type scores struct {
	of   []float64
	docs []int32
}

func (s *scores) grow(n int) {
	if len(s.of) < n {
		s.of = make([]float64, n)
	}
}

func (s *scores) reset(n int) {
	s.grow(n)
	for _, doc := range s.docs {
		s.of[doc] = 0
	}
	s.docs = s.docs[:0]
}

// add sets the score of a document; scores are positive.
func (s *scores) add(doc int32, score float64) {
	if s.of[doc] == 0 {
		s.docs = append(s.docs, doc)
	}
	s.of[doc] = score
}
