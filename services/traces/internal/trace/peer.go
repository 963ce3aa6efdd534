package trace

// peers are the attributes that name the other side of a call. OpenTelemetry
// renamed db.system to db.system.name.
type peers struct{ service, database, queue string }

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

// SetPeer names the other side by what the attributes say: the service, else
// the database, else the queue. VictoriaTraces writes "-" for empty texts.
func (s *Span) SetPeer(service, database, queue string) {
	for _, name := range []string{service, database, queue} {
		if name != "" && name != "-" {
			s.Peer, s.PeerAsync = clip(name), name == queue && name != service && name != database
			return
		}
	}
}
