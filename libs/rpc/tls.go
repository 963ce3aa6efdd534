package rpc

// TLS names the files of mutual TLS. All three are given or none is.
type TLS struct {
	// CertFile and KeyFile are this process' own certificate, PEM.
	CertFile string `key:"cert_file" env:"GRPC_TLS_CERT_FILE" doc:"own certificate for gRPC, PEM"`
	KeyFile  string `key:"key_file" env:"GRPC_TLS_KEY_FILE" doc:"key of the certificate, PEM"`
	// CAFile signs every peer, PEM.
	CAFile string `key:"ca_file" env:"GRPC_TLS_CA_FILE" doc:"authority that signs every peer, PEM"`
}

// Enabled tells whether mutual TLS is configured.
func (t TLS) Enabled() bool { return t.CertFile != "" || t.KeyFile != "" || t.CAFile != "" }
