package trace

// peers are the attributes that name the other side of a call, the best last.
// OpenTelemetry renamed db.system to db.system.name.
type peers struct{ queue, database, service string }

// PeerAttributes are the attributes that Peer of a span is made of.
func PeerAttributes() []string {
	return []string{"peer.service", "db.system", "db.system.name", "messaging.system"}
}

func (p *peers) take(attribute string, value func() string) {
	switch attribute {
	case "peer.service":
		p.service = value()
	case "db.system", "db.system.name":
		p.database = value()
	case "messaging.system":
		p.queue = value()
	}
}

func (p *peers) name() (name string, async bool) {
	switch {
	case p.service != "":
		return p.service, false
	case p.database != "":
		return p.database, false
	}
	return p.queue, p.queue != ""
}

// SetPeer names the other side by attributes of PeerAttributes.
func (s *Span) SetPeer(attribute func(name string) string) {
	var p peers
	for _, name := range PeerAttributes() {
		if value := attribute(name); value != "" && value != "-" {
			p.take(name, func() string { return clip(value) })
		}
	}
	s.Peer, s.PeerAsync = p.name()
}
