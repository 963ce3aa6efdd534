package ranking

import (
	"slices"
	"strings"
)

// groups of words that mean nearly the same in definitions. A word may stand
// in several groups; the list is short on purpose.
var groups = strings.Split(`fail error fault failure exception broken wrong reject
latency duration delay slow elapsed long took seconds
request ask call question
user shopper customer visitor buyer people client
memory heap ram
cpu processor core
money price payment revenue pay paid amount cost
order purchase sale buy bought sold
basket cart
disk storage volume filesystem space
network traffic bandwidth
throughput rate speed fast
count number quantity
size bytes large big length
log message line
host machine node server instance computer
restart reboot crash
queue backlog pending wait lag
database db sql
login signin auth authentication authenticate password
trace journey span
alive available health healthy up reachable
thread goroutine worker concurrent
connection socket session
garbage gc collection collector
deploy release version rollout build
region zone location datacenter place
retry attempt again repeat
drop lost discard lose missing
mail email
article item product goods
stock inventory warehouse
ship delivery parcel deliver
cancel abort
begin start
stop end finish
write store save insert
read fetch load
kind type category
owner team responsible
identifier id key
load utilization usage busy used
temperature heat hot
certificate tls ssl
expire ttl lifetime
method verb
status code result outcome
path url route endpoint address`, "\n")

// synonyms of a stem, without itself.
var synonyms = related(groups)

func related(groups []string) map[string][]string {
	out := map[string][]string{}
	for _, group := range groups {
		words := strings.Fields(group)
		for _, a := range words {
			for _, b := range words {
				if x, y := stem(a), stem(b); x != y && !slices.Contains(out[x], y) {
					out[x] = append(out[x], y)
				}
			}
		}
	}
	return out
}

// Synonyms lists what a stem of Words may also be called, as stems; the list
// must not be changed.
func Synonyms(word string) []string { return synonyms[word] }
