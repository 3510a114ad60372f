// Package feedback is what the two sides tell each other of packets: what arrived and what is missing, NACKs, reports of both
// directions. It sees packets and RTCP where they pass, and keeps none; what waits for a packet is in jitter, what is
// sent again in sending. It gives counts, and interceptors.
package feedback
