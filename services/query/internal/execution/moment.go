package execution

import (
	"strconv"
	"strings"
	"time"

	"github.com/platformbuilds/mirador-core/libs/fault"
	"github.com/platformbuilds/mirador-core/libs/timeparam"
)

// moment is a time that a client named.
type moment struct {
	// at is when that is; zero when it was not named.
	at time.Time
	// text for the back end.
	text string
	// moves tells that the same words mean another time later.
	moves bool
}

// maxSeconds is the largest number that every version of the back end takes
// for seconds.
const maxSeconds = 1 << 31

// moment reads a time; "" is none.
func (s *Service) moment(message, field, text string, now time.Time) (moment, error) {
	if text == "" {
		return moment{moves: true}, nil
	}
	at, err := timeparam.Time(field, text, now)
	if err != nil {
		return moment{}, rename(err, message)
	}
	if number(text) {
		return moment{at: at, text: backendTime(text, at)}, nil
	}
	later, err := timeparam.ParseTime(text, now.Add(time.Hour))
	return moment{at: at, text: backendTime(text, at), moves: err != nil || !later.Equal(at)}, nil
}

// backendTime passes on verbatim what every version of the back end reads
// alike. Older ones take milliseconds and years for seconds, and know neither
// `now` nor shortened dates, so all that is spelled out.
func backendTime(text string, at time.Time) string {
	if number(text) {
		return backendNumber(text, at)
	}
	if _, err := time.Parse(time.RFC3339, text); err == nil {
		return text
	}
	return backendNumber(text, at)
}

// number tells digits with at most a point between them: a time that is the
// same whenever it is read.
func number(text string) bool {
	whole, part, _ := strings.Cut(text, ".")
	return digits(whole) && (part == "" || digits(part)) && !strings.HasSuffix(text, ".")
}

func digits(text string) bool {
	return text != "" && strings.Trim(text, "0123456789") == ""
}

func backendNumber(text string, at time.Time) string {
	seconds, err := strconv.ParseFloat(text, 64)
	if err == nil && seconds < maxSeconds && len(text) != len("2006") {
		return text
	}
	return at.UTC().Format("2006-01-02T15:04:05.000Z07:00")
}

// step reads the distance between points.
func step(message, field, text string) (time.Duration, error) {
	d, err := timeparam.Duration(field, text)
	return d, rename(err, message)
}

// window reads the ends of a listing, both optional.
func (s *Service) window(message string, c Call, tenant, start, end string) (from, to moment, err error) {
	now := s.Now()
	if from, err = s.moment(message, c.In+"start", start, now); err != nil {
		return from, to, err
	}
	if to, err = s.moment(message, c.In+"end", end, now); err != nil {
		return from, to, err
	}
	last := to.at
	if last.IsZero() {
		last = now
	}
	if !from.at.IsZero() {
		err = s.Limits(tenant).CheckWindow(message, from.at, last)
	}
	return from, to, err
}

// deadline bounds a call by what the client asked for and by the server.
func (s *Service) timeout(message string, c Call) (time.Duration, error) {
	if c.Timeout == "" {
		return s.Timeout, nil
	}
	d, err := timeparam.Duration(c.In+"timeout", c.Timeout)
	if err != nil {
		return 0, rename(err, message)
	}
	if d <= 0 {
		return 0, fault.New(fault.CodeInvalidTime, message).WithField(c.In+"timeout", "must be positive")
	}
	return min(d, s.Timeout), nil
}
