package connectivity

import "github.com/pion/webrtc/v4"

// ICEServer is W3C's RTCIceServer with password credentials.
type ICEServer struct {
	URLs       []string
	Username   string
	Credential string
}

// ICEServers are those of options as pion has them.
func ICEServers(servers []ICEServer) []webrtc.ICEServer {
	list := make([]webrtc.ICEServer, len(servers))
	for i, server := range servers {
		list[i] = webrtc.ICEServer{URLs: server.URLs, Username: server.Username, Credential: server.Credential}
	}

	return list
}
