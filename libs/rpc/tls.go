package rpc

import (
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"os"
	"strings"

	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
)

// TLS names the files of mutual TLS. All three are given or none is. The files
// are read at every handshake, so that renewed ones are used without a restart.
type TLS struct {
	// CertFile is this process' own certificate, PEM.
	CertFile string `key:"cert_file" env:"GRPC_TLS_CERT_FILE" doc:"own certificate for gRPC, PEM"`
	// KeyFile is the key of the certificate, PEM.
	KeyFile string `key:"key_file" env:"GRPC_TLS_KEY_FILE" doc:"key of the certificate, PEM"`
	// CAFile signs every peer, PEM.
	CAFile string `key:"ca_file" env:"GRPC_TLS_CA_FILE" doc:"authority that signs every peer, PEM"`
}

// Enabled tells whether mutual TLS is configured.
func (t TLS) Enabled() bool { return t != TLS{} }

// Validate wants all files or none, each readable.
func (t TLS) Validate() error {
	if !t.Enabled() {
		return nil
	}
	if t.CertFile == "" || t.KeyFile == "" || t.CAFile == "" {
		return errors.New("cert_file, key_file and ca_file are needed together")
	}
	_, err := t.load()
	return err
}

// material is what the files hold.
type material struct {
	cert tls.Certificate
	pool *x509.CertPool
}

func (t TLS) load() (material, error) {
	cert, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
	if err != nil {
		return material{}, fmt.Errorf("read certificate: %w", err)
	}
	pem, err := os.ReadFile(t.CAFile)
	if err != nil {
		return material{}, fmt.Errorf("read authority: %w", err)
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return material{}, fmt.Errorf("read authority: %s holds no certificate", t.CAFile)
	}
	return material{cert, pool}, nil
}

// serverConfig makes every peer show a certificate of the authority.
func (t TLS) serverConfig() (*tls.Config, error) {
	if _, err := t.load(); err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"},
		GetConfigForClient: func(*tls.ClientHelloInfo) (*tls.Config, error) {
			m, err := t.load()
			if err != nil {
				return nil, err
			}
			return &tls.Config{MinVersion: tls.VersionTLS13, NextProtos: []string{"h2"},
				Certificates: []tls.Certificate{m.cert},
				ClientAuth:   tls.RequireAndVerifyClientCert, ClientCAs: m.pool}, nil
		}}, nil
}

func (t TLS) clientConfig() (*tls.Config, error) {
	m, err := t.load()
	if err != nil {
		return nil, err
	}
	return &tls.Config{MinVersion: tls.VersionTLS13, RootCAs: m.pool,
		GetClientCertificate: func(*tls.CertificateRequestInfo) (*tls.Certificate, error) {
			m, err := t.load()
			return &m.cert, err
		}}, nil
}

// credentials of a client. Identities and answers must not cross a network in
// the clear, hence the rule for production.
func (o ClientOptions) credentials(endpoint string) (credentials.TransportCredentials, error) {
	if o.TLS.Enabled() {
		config, err := o.TLS.clientConfig()
		if err != nil {
			return nil, err
		}
		return credentials.NewTLS(config), nil
	}
	if o.Production && !o.Insecure && !Loopback(endpoint) {
		return nil, errors.New("production calls other hosts only with tls.{cert_file,key_file,ca_file}")
	}
	return insecure.NewCredentials(), nil
}

// Loopback tells whether an address ("host:port" or a gRPC target) stays
// within this host. A name other than localhost never counts: what it resolves
// to is known too late.
func Loopback(address string) bool {
	if i := strings.LastIndex(address, "/"); i >= 0 {
		address = address[i+1:]
	}
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && ip.IsLoopback()
}
