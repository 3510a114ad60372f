// Package remote opens URLs, and reads what comes of them ahead on goroutines of its own, so that a network that
// blocks or drops holds nobody up: it connects, checks what a URL may lead to, opens again, and gives the packets of
// live streams even times. What is played of them, and when, is decided elsewhere.
package remote
